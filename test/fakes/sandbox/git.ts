import { posix } from "node:path";
import { trackedAt } from "./changes.ts";
import { pathIn, type Process, type Program } from "./process.ts";
import { Repository } from "./repository.ts";
import { isInside, type Directory } from "./tree.ts";
import { unifiedDiff } from "./unified-diff.ts";

interface Place {
  readonly repository: Repository;
  readonly root: Directory;
  readonly rootPath: string;
}

interface Command {
  readonly process: Process;
  readonly place: Place;
  readonly flags: readonly string[];
  /** Operands before `--`, or all when there is none. */
  readonly operands: readonly string[];
  /** True for a path, relative to the repository, that the command line selects. */
  readonly isSelected: (path: string) => boolean;
}

const failed = 128;

/** Git as far as the tools and the tests use it: add, checkout, commit, diff, init, log, ls-files, push, remote, rev-parse and status. */
export const git: Program = (process, args) => {
  const settings = args.findIndex((word, index) => word !== "-c" && args[index - 1] !== "-c");
  const [verb = "", ...rest] = args.slice(settings);
  if (verb === "--version") return said(process, "git version 0 in memory\n");
  if (verb === "init") return init(process, rest);
  const place = placeOf(process);
  if (place === undefined) {
    process.err("fatal: not a git repository (or any of the parent directories): .git\n");
    return failed;
  }
  const command = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (command === undefined) throw new Error(`The in-memory sandbox's git has no ${verb}.`);
  return command(commandOf(process, place, rest));
};

const verbs: Readonly<Record<string, (command: Command) => number>> = {
  add: ({ flags, isSelected, place }) => {
    const isIntent = flags.includes("--intent-to-add");
    const isForced = flags.includes("--force") || flags.includes("-f");
    place.repository.stage(place.root, isSelected, { isIntent, isForced });
    return 0;
  },
  checkout: ({ isSelected, place, process }) => {
    for (const [path, entry] of place.repository.staged())
      if (isSelected(path)) process.tree.put(posix.join(place.rootPath, path), entry);
    return 0;
  },
  commit: ({ flags, operands, place }) => {
    const isAll = flags.some((flag) => /^-[a-z]*a[a-z]*$/u.test(flag));
    const { repository, root } = place;
    if (isAll) repository.stage(root, (path) => repository.index.has(path), { isIntent: false, isForced: false });
    repository.commit(operands[0] ?? "", "Assembly Lime", repository.staged());
    return 0;
  },
  diff: ({ flags, isSelected, operands, place, process }) => {
    const { repository, root } = place;
    const isAgainstHead = operands[0] === "HEAD";
    const paths = new Set([...repository.index.keys(), ...(isAgainstHead ? repository.files.keys() : [])]);
    for (const path of [...paths].sort()) {
      if (!isSelected(path)) continue;
      const staged = repository.index.get(path);
      const before = isAgainstHead ? repository.files.get(path) : staged === "intent" ? undefined : staged;
      const prefix = flags.find((flag) => flag.startsWith("--dst-prefix=b/"))?.slice("--dst-prefix=b/".length) ?? "";
      const diff = unifiedDiff(`${prefix}${path}`, before, trackedAt(root, path));
      if (diff !== "") process.out(flags.includes("--stat") ? ` ${path} | changed\n` : diff);
    }
    return 0;
  },
  log: ({ flags, isSelected, place, process }) => {
    const most = Number(flags.find((flag) => flag.startsWith("--max-count="))?.split("=")[1] ?? Number.NaN);
    const { commits } = place.repository;
    const shown = commits.map((commit, index) => ({ ...commit, before: commits[index - 1]?.files })).reverse();
    const format = flags.find((flag) => flag.startsWith("--format="))?.slice("--format=".length);
    for (const { author, before, files, id, message } of shown.slice(0, Number.isNaN(most) ? undefined : most)) {
      const changed = [...files].filter(([path, entry]) => isSelected(path) && before?.get(path) !== entry);
      if (changed.length === 0 && files.size > 0) continue;
      if (flags.includes("--oneline")) process.out(`${id.slice(0, 7)} ${message}\n`);
      else if (format !== undefined)
        process.out(`${format.replace("%an", () => author).replace("%s", () => message)}\n`);
      else process.out(`commit ${id}\nAuthor: ${author}\n\n    ${message}\n\n`);
      if (flags.includes("--stat")) process.out(changed.map(([path]) => ` ${path} | changed\n`).join(""));
    }
    return 0;
  },
  "ls-files": ({ place, process }) =>
    said(
      process,
      [...place.repository.index.keys()]
        .sort()
        .map((path) => `${path}\n`)
        .join(""),
    ),
  push: ({ process }) => {
    process.err("fatal: 'origin' does not appear to be a git repository\n");
    return failed;
  },
  remote: () => 0,
  "rev-parse": ({ place, process }) => said(process, `${place.repository.commits.at(-1)?.id ?? ""}\n`),
  status: ({ place, process }) => {
    const { repository, root } = place;
    const changed = [...repository.index].filter(([path, entry]) => trackedAt(root, path) !== entry);
    return said(process, changed.map(([path]) => ` M ${path}\n`).join(""));
  },
};

function said(process: Process, text: string): number {
  process.out(text);
  return 0;
}

function init(process: Process, args: readonly string[]): number {
  const name = args.find((word) => !word.startsWith("-")) ?? ".";
  const root = process.tree.makeDirectory(process.tree.resolve(pathIn(process, name)));
  if (!(root.children.get(".git") instanceof Repository)) root.children.set(".git", new Repository());
  return 0;
}

function placeOf({ cwd, tree }: Process): Place | undefined {
  for (let rootPath = cwd; ; rootPath = posix.dirname(rootPath)) {
    const root = tree.at(rootPath);
    const repository = root?.kind === "directory" ? root.children.get(".git") : undefined;
    if (root?.kind === "directory" && repository instanceof Repository && repository.isWhole)
      return { repository, root, rootPath };
    if (rootPath === "/") return undefined;
  }
}

/** Splits a command line; a `-m` or `--message` takes the next word, which counts as the first operand. */
function commandOf(process: Process, place: Place, args: readonly string[]): Command {
  const end = args.indexOf("--");
  const head = end < 0 ? args : args.slice(0, end);
  const operands = head.filter((word) => !word.startsWith("-"));
  const paths = (end < 0 ? operands : args.slice(end + 1))
    .filter((path) => path !== "HEAD")
    .map((path) => posix.relative(place.rootPath, pathIn(process, path)));
  const isSelected = (path: string): boolean =>
    paths.length === 0 || paths.some((selected) => selected === "" || isInside(path, selected));
  return { process, place, flags: head.filter((word) => word.startsWith("-")), operands, isSelected };
}

import { pathIn, type Process, type Program } from "./process.ts";
import { walk, type Directory } from "./tree.ts";

/** `grep -rnIEH [-i] [--exclude-dir=name] -e pattern -- target`, as the search tool calls it; 1 when nothing was found. */
export const grep: Program = (process, args) => {
  const end = args.indexOf("--");
  const head = args.slice(0, end);
  const pattern = head[head.indexOf("-e") + 1];
  const target = args[end + 1];
  if (end < 0 || !head.includes("-e") || !head.includes("-rnIEH") || pattern === undefined || target === undefined)
    throw new Error(`The in-memory sandbox's grep has no ${args.join(" ")}.`);
  const expression = compile(pattern, head.includes("-i"));
  if (expression === undefined) {
    process.err("grep: Invalid regular expression\n");
    return 2;
  }
  const skipped = new Set(
    head.flatMap((word) => (word.startsWith("--exclude-dir=") ? [word.slice("--exclude-dir=".length)] : [])),
  );
  const start = process.tree.at(process.tree.resolve(pathIn(process, target)));
  if (start?.kind === "file") return search(process, target, start.bytes, expression) ? 0 : 1;
  if (start?.kind !== "directory") {
    process.err(`grep: ${target}: No such file or directory\n`);
    return 2;
  }
  return searchBelow(process, { target, directory: start, expression, skipped }) ? 0 : 1;
};

interface Search {
  readonly target: string;
  readonly directory: Directory;
  readonly expression: RegExp;
  readonly skipped: ReadonlySet<string>;
}

function searchBelow(process: Process, { directory, expression, skipped, target }: Search): boolean {
  let isFound = false;
  for (const [path, entry] of walk(directory, (name, { kind }) => kind === "directory" && skipped.has(name)))
    if (entry.kind === "file" && search(process, `${target}/${path}`, entry.bytes, expression)) isFound = true;
  return isFound;
}

function search({ out }: Process, path: string, bytes: Uint8Array, expression: RegExp): boolean {
  if (bytes.includes(0)) return false;
  const lines = new TextDecoder().decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  const found = lines.flatMap((line, index) => (expression.test(line) ? [`${path}:${index + 1}:${line}\n`] : []));
  if (found.length > 0) out(found.join(""));
  return found.length > 0;
}

const classes: Readonly<Record<string, string>> = {
  alpha: "a-zA-Z",
  digit: "0-9",
  alnum: "a-zA-Z0-9",
  space: String.raw`\s`,
  upper: "A-Z",
  lower: "a-z",
};

function compile(pattern: string, ignoresCase: boolean): RegExp | undefined {
  const source = pattern.replace(/\[:(\w+):\]/gu, (whole, name: string) => classes[name] ?? whole);
  try {
    return new RegExp(source, ignoresCase ? "i" : "");
  } catch {
    return undefined;
  }
}

import { posix } from "node:path";
import { git } from "./git.ts";
import { grep } from "./grep.ts";
import { pathIn, pause, sentenceOf, type Process, type Program, type Programs } from "./process.ts";
import { runProgram, runScript, sh } from "./shell.ts";
import { Directory, FileEntry, FileError, LinkEntry, OtherEntry, walk } from "./tree.ts";

/** Flags and operands of a command line; `--` ends the flags. */
function split(args: readonly string[]): { readonly flags: string; readonly operands: readonly string[] } {
  const end = args.indexOf("--");
  const head = end < 0 ? args : args.slice(0, end);
  const isFlag = (word: string): boolean => word.startsWith("-") && word !== "-";
  return {
    flags: head.filter(isFlag).join(""),
    operands: [...head.filter((word) => !isFlag(word)), ...(end < 0 ? [] : args.slice(end + 1))],
  };
}

/** Does the work for each operand and reports those that failed. */
function forEach(name: string, process: Process, operands: readonly string[], work: (path: string) => void): number {
  let exitCode = 0;
  for (const operand of operands) {
    try {
      work(pathIn(process, operand));
    } catch (error) {
      process.err(`${name}: ${operand}: ${sentenceOf(error)}\n`);
      exitCode = 1;
    }
  }
  return exitCode;
}

const cat: Program = (process, args) => {
  const { operands } = split(args);
  if (operands.length === 0) process.out(process.stdin);
  return forEach("cat", process, operands, (path) => process.out(process.tree.file(path).bytes));
};

const mkdir: Program = (process, args) => {
  const { flags, operands } = split(args);
  return forEach("mkdir", process, operands, (path) => {
    const resolved = process.tree.resolve(path);
    if (flags.includes("p")) return void process.tree.makeDirectory(resolved);
    if (process.tree.at(resolved) !== undefined) throw new FileError("EEXIST", path);
    process.tree.put(resolved, new Directory());
  });
};

const ln: Program = (process, args) => {
  const { flags, operands } = split(args);
  const [target = "", name = posix.basename(target)] = operands;
  if (!flags.includes("s")) throw new Error("The in-memory sandbox makes symbolic links only.");
  return forEach("ln", process, [name], (path) => {
    const resolved = process.tree.resolve(path, { keepLast: true });
    const there = process.tree.at(resolved);
    const isInto = there?.kind === "directory";
    const place = isInto ? posix.join(resolved, posix.basename(target)) : resolved;
    if (!flags.includes("f") && process.tree.at(place) !== undefined) throw new FileError("EEXIST", path);
    process.tree.put(place, new LinkEntry(target));
  });
};

const rm: Program = (process, args) => {
  const { flags, operands } = split(args);
  return forEach("rm", process, operands, (path) => {
    const resolved = process.tree.resolve(path, { keepLast: true });
    const there = process.tree.at(resolved);
    if (there === undefined && flags.includes("f")) return;
    if (there?.kind === "directory" && !/r/iu.test(flags)) throw new FileError("EISDIR", path);
    process.tree.remove(resolved);
  });
};

const chmod: Program = (process, [mode = "", ...operands]) =>
  forEach("chmod", process, operands, (path) => {
    const resolved = process.tree.resolve(path);
    const there = process.tree.at(resolved);
    // Locks have no effect here: everything runs as one user with all rights.
    if (there?.kind === "directory") return;
    const { bytes, permissions } = process.tree.file(resolved);
    const wanted =
      mode === "+x" ? permissions | 0o111 : mode === "-x" ? permissions & ~0o111 : Number.parseInt(mode, 8);
    process.tree.put(resolved, new FileEntry(bytes, wanted));
  });

const ls: Program = (process, args) => {
  const { operands } = split(args);
  return forEach("ls", process, operands.length === 0 ? ["."] : operands, (path) => {
    const there = process.tree.at(process.tree.resolve(path));
    if (there === undefined) throw new FileError("ENOENT", path);
    const names = there.kind === "directory" ? [...there.children.keys()].sort() : [path];
    process.out(names.map((name) => `${name}\n`).join(""));
  });
};

const readlink: Program = (process, operands) =>
  forEach("readlink", process, operands, (path) => {
    const there = process.tree.at(process.tree.resolve(path, { keepLast: true }));
    if (there?.kind !== "symlink") throw new FileError("EINVAL", path);
    process.out(`${there.target}\n`);
  });

const stat: Program = (process, [flag, format, ...operands]) => {
  if (flag !== "-c" || format !== "%a") throw new Error("The in-memory sandbox has stat -c %a only.");
  return forEach("stat", process, operands, (path) =>
    process.out(`${process.tree.file(path).permissions.toString(8)}\n`),
  );
};

const printf: Program = (process, [format = "", ...args]) => {
  const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\" };
  const text = format.replace(/\\([nt\\])/gu, (_whole, letter: string) => escapes[letter] ?? letter);
  const values = args.length === 0 ? [""] : args;
  process.out(text.includes("%s") ? values.map((value) => text.replace("%s", () => value)).join("") : text);
  return 0;
};

const seq: Program = (process, [from = "1", to = from]) => {
  for (let number = Number(from); number <= Number(to); number += 10_000) {
    const count = Math.min(10_000, Number(to) - number + 1);
    process.out(Array.from({ length: count }, (_, index) => `${number + index}\n`).join(""));
  }
  return 0;
};

const wc: Program = (process, [flag]) => {
  if (flag !== "-l") throw new Error("The in-memory sandbox has wc -l only.");
  process.out(`${process.stdin.filter((byte) => byte === 0x0a).length}\n`);
  return 0;
};

const sleep: Program = async (process, [seconds = "0"]) => {
  await pause(Number(seconds) * 1000, process.signal);
  return 0;
};

/** Runs the test script of the package.json that is next to the command, as npm does. */
const npm: Program = async (process, [verb = "", ...rest]) => {
  if (verb !== "test") throw new Error(`The in-memory sandbox has npm test only, not npm ${verb}.`);
  const manifest: unknown = JSON.parse(
    new TextDecoder().decode(process.tree.file(pathIn(process, "package.json")).bytes),
  );
  const scripts: unknown =
    typeof manifest === "object" && manifest !== null && "scripts" in manifest ? manifest.scripts : {};
  const script = typeof scripts === "object" && scripts !== null && "test" in scripts ? scripts.test : undefined;
  if (typeof script !== "string") {
    process.err('npm error Missing script: "test"\n');
    return 1;
  }
  const args = rest[0] === "--" ? rest.slice(1) : rest;
  return runScript(process, `${script} "$@"`, args);
};

const find: Program = (process, [root = "."]) => {
  const directory = process.tree.at(process.tree.resolve(pathIn(process, root)));
  if (directory?.kind !== "directory") throw new FileError("ENOENT", root);
  for (const [path] of walk(directory)) process.out(`${root}/${path}\n`);
  return 0;
};

/** The programs that every in-memory sandbox has. */
export const commonPrograms: Programs = {
  ...{ sh, git, grep, npm, cat, mkdir, ln, rm, chmod, ls, readlink, stat, printf, seq, wc, sleep, find },
  true: () => 0,
  false: () => 1,
  echo: ({ out }, words) => {
    out(`${words.join(" ")}\n`);
    return 0;
  },
  env: ({ cwd, env, out }) => {
    out(
      Object.entries({ ...env, PWD: cwd })
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
    return 0;
  },
  pwd: ({ cwd, out }) => {
    out(`${cwd}\n`);
    return 0;
  },
  touch: (process, operands) =>
    forEach("touch", process, operands, (path) => {
      const resolved = process.tree.resolve(path);
      if (process.tree.at(resolved) === undefined) process.tree.write(resolved, new Uint8Array());
    }),
  mkfifo: (process, operands) =>
    forEach("mkfifo", process, operands, (path) => process.tree.put(process.tree.resolve(path), new OtherEntry())),
  "/bin/sh": (process, args) => runProgram(process, "sh", args),
};

import { walk, type Directory, type Entry } from "./tree.ts";

interface Rule {
  readonly pattern: RegExp;
  readonly isNegated: boolean;
  readonly onlyDirectories: boolean;
}

/**
 * The files and links of a work tree that its .gitignore files do not exclude, with paths relative to it; what lies in a
 * `.git` is left out. https://git-scm.com/docs/gitignore
 */
export function* unignored(root: Directory): Generator<readonly [string, Entry]> {
  yield* visit(root, "", []);
}

function* visit(directory: Directory, prefix: string, outer: readonly Rule[]): Generator<readonly [string, Entry]> {
  const file = directory.children.get(".gitignore");
  const rules = file?.kind === "file" ? [...outer, ...rulesOf(new TextDecoder().decode(file.bytes), prefix)] : outer;
  for (const [name, entry] of directory.children) {
    if (name === ".git") continue;
    const path = `${prefix}${name}`;
    if (isIgnored(rules, path, entry.kind === "directory")) continue;
    if (entry.kind === "directory") yield* visit(entry, `${path}/`, rules);
    else yield [path, entry];
  }
}

function isIgnored(rules: readonly Rule[], path: string, isDirectory: boolean): boolean {
  const last = rules.findLast(
    ({ onlyDirectories, pattern }) => (isDirectory || !onlyDirectories) && pattern.test(path),
  );
  return last !== undefined && !last.isNegated;
}

function rulesOf(text: string, prefix: string): readonly Rule[] {
  return text.split(/\r?\n/u).flatMap((line) => {
    const trimmed = line.trimEnd();
    if (trimmed === "" || trimmed.startsWith("#")) return [];
    const isNegated = trimmed.startsWith("!");
    const glob = isNegated ? trimmed.slice(1) : trimmed;
    const body = glob.replace(/^\//u, "").replace(/\/$/u, "");
    const isAnchored = glob.slice(0, -1).includes("/");
    const source = `^${escaped(prefix)}${isAnchored ? "" : "(?:.*/)?"}${globSource(body)}$`;
    return [{ pattern: new RegExp(source, "u"), isNegated, onlyDirectories: glob.endsWith("/") }];
  });
}

function globSource(glob: string): string {
  return glob
    .split(/(\*\*\/|\/\*\*|\*|\?)/u)
    .map((piece) => {
      if (piece === "**/") return "(?:.*/)?";
      if (piece === "/**") return "/.*";
      if (piece === "*") return "[^/]*";
      return piece === "?" ? "[^/]" : escaped(piece);
    })
    .join("");
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}

/** The files and links below a directory, without what lies in a `.git`. */
export function* allFiles(root: Directory): Generator<readonly [string, Entry]> {
  for (const item of walk(root, (name) => name === ".git")) if (item[1].kind !== "directory") yield item;
}

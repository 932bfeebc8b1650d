import { boundedLines, maxTextLength } from "./text.ts";
import type { Dependency, Manifest } from "./types.ts";

/** A module path or a local folder, without what needs quotes (https://go.dev/ref/mod#go-mod-file-ident). */
const lawfulPath = /^[\w.~/+!-]{1,256}$/u;
const lawfulVersion = /^[\w.+~/-]{1,256}$/u;

interface Replacement {
  /** Only this version of the module is replaced; undefined means every one. */
  readonly of: string | undefined;
  readonly path: string;
  readonly version: string | undefined;
}

/**
 * The facts of a go.mod (https://go.dev/ref/mod#go-mod-file): its module path and the modules that it requires, with
 * its replacements applied. A module that is replaced by a folder has that folder as its range. Lines that are not
 * understood are left out. Undefined when the file is longer than 1 MiB or names no lawful module.
 */
export function readGoMod(path: string, text: string): Manifest | undefined {
  if (text.length > maxTextLength) return undefined;
  let name: string | undefined;
  const required = new Map<string, { readonly version: string; readonly isIndirect: boolean }>();
  const replaced = new Map<string, Replacement[]>();
  for (const { verb, words, comment } of directives(text)) {
    const [first, second] = words;
    if (first === undefined || !lawfulPath.test(first)) continue;
    if (verb === "module") name ??= first;
    else if (verb === "require" && second !== undefined && lawfulVersion.test(second))
      required.set(first, { version: second, isIndirect: /^indirect(?:;|$)/u.test(comment) });
    else if (verb === "replace") {
      const replacement = replacementOf(words.slice(1));
      if (replacement !== undefined) replaced.set(first, [...(replaced.get(first) ?? []).slice(-8), replacement]);
    }
  }
  if (name === undefined) return undefined;
  const dependencies = [...required].map(([module, { isIndirect, version }]): Dependency => {
    const kind = isIndirect ? "indirect" : "runtime";
    const choices = replaced.get(module) ?? [];
    const to = choices.find(({ of }) => of === version) ?? choices.find(({ of }) => of === undefined);
    if (to === undefined) return { name: module, range: version, kind };
    return to.version === undefined
      ? { name: module, range: to.path, kind }
      : { name: to.path, range: to.version, kind };
  });
  return { ecosystem: "go", path, name, version: undefined, dependencies };
}

interface Directive {
  readonly verb: string;
  readonly words: readonly string[];
  readonly comment: string;
}

/** Each line of a block as a directive of its own, with the block's verb. */
function directives(text: string): readonly Directive[] {
  const found: Directive[] = [];
  let block: string | undefined;
  for (const line of boundedLines(text)) {
    const slashes = line.indexOf("//");
    const code = slashes === -1 ? line : line.slice(0, slashes);
    const comment = slashes === -1 ? "" : line.slice(slashes + 2).trim();
    const words = code
      .split(/\s+/u)
      .filter((word) => word !== "")
      .map(unquoted);
    const [first, second] = words;
    if (first === undefined) continue;
    if (block !== undefined && first === ")") block = undefined;
    else if (block !== undefined) found.push({ verb: block, words, comment });
    else if (second === "(") block = first;
    else if (first.endsWith("(")) block = first.slice(0, -1);
    else found.push({ verb: first, words: words.slice(1), comment });
  }
  return found;
}

/** Reads `[v1.0.0] => path [v1.2.0]`. */
function replacementOf(words: readonly string[]): Replacement | undefined {
  const arrow = words.indexOf("=>");
  const path = words[arrow + 1];
  const version = words[arrow + 2];
  if (arrow === -1 || arrow > 1 || path === undefined || !lawfulPath.test(path)) return undefined;
  if (version !== undefined && !lawfulVersion.test(version)) return undefined;
  return { of: arrow === 1 ? words[0] : undefined, path, version };
}

function unquoted(word: string): string {
  return /^(?:"[^"]*"|`[^`]*`)$/u.test(word) ? word.slice(1, -1) : word;
}

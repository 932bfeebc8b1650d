import { boundedLines } from "./text.ts";

const func = /^func\s+(\p{Lu}[\p{L}\p{Nd}_]*)/u;
const method =
  /^func\s+\(\s*(?:[\p{L}_][\p{L}\p{Nd}_]*\s+)?\*?\s*(\p{Lu}[\p{L}\p{Nd}_]*)[^)]*\)\s*(\p{Lu}[\p{L}\p{Nd}_]*)/u;
const single = /^(?:type|var|const)\s+([\p{L}_].*)$/u;
const block = /^(?:type|var|const)\s*\(/u;
/** gofmt indents a block's members by one tab; the fields of a struct within are deeper. */
const member = /^(?:\t| {1,4})([\p{L}_].*)$/u;
const name = /^(\p{Lu}[\p{L}\p{Nd}_]*)/u;

/**
 * The capitalised names at the top level of a Go text, methods as `Type.Method`, each with its folder, since each
 * folder is a package of its own: `convert.ToMetres`. A command (`package main`) exports nothing.
 */
export function goNames(path: string, text: string): ReadonlySet<string> {
  const folder = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
  const names = new Set<string>();
  const add = (each: string): void => void names.add(folder === "" ? each : `${folder}.${each}`);
  let isBlock = false;
  for (const line of boundedLines(text)) {
    if (/^package\s+main\b/u.test(line)) return new Set();
    if (isBlock) {
      if (line.startsWith(")")) isBlock = false;
      for (const each of listed(member.exec(line)?.[1])) add(each);
      continue;
    }
    isBlock = block.test(line);
    const [, receiver, called] = method.exec(line) ?? [];
    if (receiver !== undefined && called !== undefined) add(`${receiver}.${called}`);
    const declared = func.exec(line)?.[1];
    if (declared !== undefined) add(declared);
    for (const each of listed(single.exec(line)?.[1])) add(each);
  }
  return names;
}

/** The capitalised ones of `A, b, C = 1, 2, 3` on the left of the type and the equals sign. */
function listed(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  const found: string[] = [];
  const [left = ""] = text.split("=", 1);
  for (const part of left.split(",")) {
    const trimmed = part.trim();
    const each = name.exec(trimmed)?.[1];
    if (each !== undefined) found.push(each);
    // A type after the name ends the list: `A int`, `F func(a, B int)`.
    if (/\s|\(|\[/u.test(trimmed)) break;
  }
  return found;
}

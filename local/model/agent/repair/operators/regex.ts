import { word } from "../../syntax.ts";
import { replace } from "../types.ts";
import type { Operator } from "../types.ts";

/** Regular expressions: flags, anchors, quantifiers, classes, escapes. Variants that don't compile are left out. */
export const regexes: Operator = function* ({ node }) {
  if (node.type !== "RegExpLiteral") return;
  const pattern = word(node, "pattern");
  const flags = word(node, "flags");
  const seen = new Set([`/${pattern}/${flags}`]);
  for (const [newPattern, newFlags, prior] of [...flagVariants(pattern, flags), ...patternVariants(pattern, flags)]) {
    const shown = `/${newPattern}/${newFlags}`;
    if (seen.has(shown) || newPattern === "" || !compiles(newPattern, newFlags)) continue;
    seen.add(shown);
    yield replace(node, shown, prior);
  }
};

type Variant = readonly [pattern: string, flags: string, prior: number];

function* flagVariants(pattern: string, flags: string): Generator<Variant> {
  for (const flag of "gimsu") {
    if (flags.includes(flag)) yield [pattern, flags.replace(flag, ""), flag === "g" || flag === "i" ? 0.4 : 0.2];
    else yield [pattern, flags + flag, flag === "g" || flag === "i" ? 0.65 : 0.25];
  }
}

const classSwaps: Readonly<Record<string, readonly string[]>> = {
  "\\d": ["\\D", "\\w"],
  "\\D": ["\\d"],
  "\\w": ["\\W", "\\d"],
  "\\W": ["\\w"],
  "\\s": ["\\S", " "],
  "\\S": ["\\s", "\\w"],
  "\\b": ["\\B", ""],
  "\\B": ["\\b"],
};

function* patternVariants(pattern: string, flags: string): Generator<Variant> {
  if (pattern.startsWith("^")) yield [pattern.slice(1), flags, 0.4];
  else yield [`^${pattern}`, flags, 0.45];
  if (pattern.endsWith("$")) yield [pattern.slice(0, -1), flags, 0.4];
  else yield [`${pattern}$`, flags, 0.45];
  let inClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    const before = pattern.slice(0, at);
    if (character === "\\") {
      const escape = pattern.slice(at, at + 2);
      const after = pattern.slice(at + 2);
      for (const other of classSwaps[escape] ?? []) yield [before + other + after, flags, 0.35];
      if (classSwaps[escape] === undefined) yield [before + after, flags, 0.1];
      if (escape === "\\d" || escape === "\\w" || escape === "\\s" || escape === "\\.") {
        if (!inClass && !/^[+*?{]/u.test(after))
          for (const quantifier of "+*?") yield [before + escape + quantifier + after, flags, 0.4];
      }
      at += 1;
      continue;
    }
    const after = pattern.slice(at + 1);
    if (inClass) {
      if (character === "]") {
        inClass = false;
        if (!/^[+*?{]/u.test(after))
          for (const quantifier of "+*?") yield [`${before}]${quantifier}${after}`, flags, 0.35];
        for (const extra of ["-", "_", "\\s", ".", "0-9", "a-z", "A-Z", "$"])
          yield [`${before}${extra}]${after}`, flags, 0.14];
      } else if (character === "^" && pattern.charAt(at - 1) === "[") yield [before + after, flags, 0.4];
      else yield [before + after, flags, 0.06];
      continue;
    }
    if (character === "[") {
      inClass = true;
      if (!after.startsWith("^")) yield [`${before}[^${after}`, flags, 0.35];
    } else if ("+*?".includes(character)) {
      if (character === "?" && before.endsWith("(")) continue;
      for (const other of "+*?") if (other !== character) yield [before + other + after, flags, 0.5];
      yield [before + after, flags, 0.3];
      if (!after.startsWith("?")) yield [`${before}${character}?${after}`, flags, 0.25];
    } else if (character === ".") yield [`${before}\\.${after}`, flags, 0.5];
    else if (character === ")") {
      if (!/^[+*?{]/u.test(after))
        for (const quantifier of "?*+") yield [`${before})${quantifier}${after}`, flags, 0.35];
    } else if (character === "|") yield [`${before}${after}`, flags, 0.05];
    else if (character === "{") {
      const counts = /^\{(\d+)(,?)(\d*)\}/u.exec(pattern.slice(at));
      if (!counts) continue;
      const rest = pattern.slice(at + counts[0].length);
      const [low, high] = [Number(counts[1]), counts[3] ? Number(counts[3]) : undefined];
      const ends: (readonly [number, number | undefined])[] = [
        [low + 1, high],
        [low - 1, high],
        ...(high === undefined
          ? []
          : ([
              [low, high + 1],
              [low, high - 1],
            ] as const)),
      ];
      for (const [from, to] of ends) yield [`${before}{${from}${counts[2] ?? ""}${to ?? ""}}${rest}`, flags, 0.4];
      if (counts[2] === "") yield [`${before}{${low},}${rest}`, flags, 0.3];
    } else if (/[\w-]/u.test(character) && !/^[+*?{]/u.test(after)) {
      for (const quantifier of "?*+") yield [before + character + quantifier + after, flags, 0.16];
    }
  }
}

function compiles(pattern: string, flags: string): boolean {
  try {
    return new RegExp(pattern, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

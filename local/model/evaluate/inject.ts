import { parse } from "@babel/parser";
import { isNode, localNames, visit } from "./bug-syntax.ts";
import { kinds } from "./bug-kinds.ts";

/** One bug that a script can put into a file. */
export interface Bug {
  readonly kind: string;
  readonly path: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Every bug of every kind that fits somewhere in a file. Written apart from the repair operators and knows nothing of them. */
export function possibleBugs(path: string, text: string, random: () => number): readonly Bug[] {
  const root: unknown = parse(text, { sourceType: "unambiguous", allowReturnOutsideFunction: true }).program;
  if (!isNode(root)) return [];
  const bugs: Bug[] = [];
  visit(root, undefined, [], (node, parent, functions) => {
    const names = localNames(functions.at(-1));
    for (const [kind, make] of kinds) {
      const found = make(node, parent, text, random, names);
      if (found === undefined || text.slice(found[0], found[1]) === found[2]) continue;
      const mutated = text.slice(0, found[0]) + found[2] + text.slice(found[1]);
      if (!parses(mutated)) continue;
      bugs.push({
        kind,
        path,
        line: text.slice(0, found[0]).split("\n").length,
        start: found[0],
        end: found[1],
        text: found[2],
      });
    }
  });
  return bugs;
}

function parses(text: string): boolean {
  try {
    parse(text, { sourceType: "unambiguous", allowReturnOutsideFunction: true });
    return true;
  } catch {
    return false;
  }
}

import type { TextEdit } from "../repair/types.ts";
import { isSourceFile } from "../syntax.ts";
import { declares, renameInCode, wholeWord } from "./rename-code.ts";
import { isDocument, renameFlag, renameInDocument } from "./rename-text.ts";

export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** The edits of a rename by path, and the places that it leaves alone, as lines for a person. */
export interface Plan {
  readonly edits: ReadonlyMap<string, readonly TextEdit[]>;
  readonly left: readonly string[];
}

/** Plans the renaming of an identifier in these texts by path. `packages`: names of packages whose imports are imports of this code. */
export function identifierPlan(
  texts: ReadonlyMap<string, string>,
  { from, to }: Rename,
  packages: ReadonlySet<string>,
): Plan {
  const edits = new Map<string, readonly TextEdit[]>();
  const left: string[] = [];
  const declared = [...texts].filter(([path]) => isSourceFile(path)).map(([path, text]) => declares(path, text, from));
  const members = !declared.some((one) => one.binding) && declared.some((one) => one.member);
  for (const [path, text] of texts) {
    if (isSourceFile(path) || /\.d\.[cm]?ts$/u.test(path)) {
      const renamed = renameInCode(path, text, { from, to, members, packages });
      if (renamed === undefined) left.push(`\`${path}\`: does not parse`);
      else {
        if (renamed.edits.length > 0) edits.set(path, renamed.edits);
        left.push(...renamed.left.map(({ line, why }) => `\`${path}:${line}\`: ${why}`));
      }
    } else if (isDocument(path)) {
      const found = renameInDocument(text, from, to);
      if (found.length > 0) edits.set(path, found);
      const others = [...text.matchAll(wholeWord(from))].length - found.length;
      if (others > 0) left.push(`\`${path}\`: ${others} in running text`);
    } else left.push(`\`${path}\`: neither code nor documentation`);
  }
  return { edits, left };
}

/** Plans the renaming of a command line flag in these texts by path. */
export function flagPlan(texts: ReadonlyMap<string, string>, from: string, to: string): Plan {
  const edits = new Map<string, readonly TextEdit[]>();
  const left: string[] = [];
  const bare = wholeWord(from.slice(2));
  for (const [path, text] of texts) {
    const found = renameFlag(text, from, to);
    if (found.length > 0) edits.set(path, found);
    const names = [...text.matchAll(bare)].length;
    if (isSourceFile(path) && names > 0)
      left.push(
        `\`${path}\`: ${names} of \`${from.slice(2)}\` without dashes, perhaps the option's name in the parser`,
      );
  }
  return { edits, left };
}

import { goNames } from "./names-go.ts";
import { javascriptNames } from "./names-javascript.ts";
import { pythonNames } from "./names-python.ts";
import { maxTextLength } from "./text.ts";
import type { Ecosystem } from "./types.ts";

interface Language {
  readonly ecosystem: Ecosystem;
  readonly files: RegExp;
  names(path: string, text: string): ReadonlySet<string>;
}

const languages: readonly Language[] = [
  { ecosystem: "npm", files: /\.[cm]?[jt]sx?$/u, names: (_path, text) => javascriptNames(text) },
  { ecosystem: "go", files: /\.go$/u, names: goNames },
  { ecosystem: "pypi", files: /\.pyi?$/u, names: pythonNames },
];

/**
 * The names that a source file of the ecosystem's language offers to other packages, found in its text without
 * running or parsing it: names in code that is made up or commented out may be among them. Empty for other files and
 * for those longer than 1 MiB. The work is linear in the text's length.
 */
export function exportedNames(ecosystem: Ecosystem, path: string, text: string): ReadonlySet<string> {
  const language = languages.find((each) => each.ecosystem === ecosystem && each.files.test(path));
  if (language === undefined || text.length > maxTextLength || isInternal(path)) return new Set();
  return language.names(path, text);
}

/** The ecosystem of the language that a file is written in; undefined when it is no source code that is known here. */
export function sourceEcosystem(path: string): Ecosystem | undefined {
  return languages.find((each) => each.files.test(path))?.ecosystem;
}

/** Folders that no other package can or should import from, as Go enforces. */
function isInternal(path: string): boolean {
  return /(?:^|\/)internal\//u.test(path);
}

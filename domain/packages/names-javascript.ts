const identifier = "[\\p{ID_Start}$_][\\p{ID_Continue}$]*";
const pattern = (source: string, flags = "u"): RegExp => new RegExp(source, flags);

const declared = pattern(
  `^export\\s+(?:declare\\s+)?(?:async\\s+|abstract\\s+)?(?:function\\b\\s*\\*?|class\\b|const\\s+enum\\b|const\\b|let\\b|var\\b|type\\b|interface\\b|enum\\b|namespace\\b)\\s*(${identifier})`,
);
const defaultExport = /^export\s+(?:default\b|=)/u;
const starAs = pattern(`^export\\s*(?:\\btype\\s*)?\\*\\s*as\\s+(${identifier})`);
const star = /^export\s*(?:\btype\s*)?\*\s*from\b/u;
/**
 * Where a list begins whose names are exported: `export {`, `export type {`, `export const {`, `module.exports = {`.
 */
const list = /^(?:export\b\s*(?:(?:type|const|let|var)\b\s*)?|(?:module\.)?exports\s*=\s*)\{/u;
const assigned = pattern(`(?:^|[\\s=;,(])(?:module\\.)?exports\\.(${identifier})\\s*=(?!=)`, "gu");
const wholeExport = /^module\.exports\s*=(?!=)/u;

/** The beginning of the name of an `export * from`. */
export const reexport = "export *";

/**
 * The names that a JavaScript or TypeScript text exports: declarations, lists, re-exports, "default", and CommonJS's
 * `exports.x`. Each `export * from` counts as one name, `reexport` with its number, since its names are in another
 * file.
 */
export function javascriptNames(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  let stars = 0;
  let at = 0;
  let isComment = false;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    const end = newline === -1 ? text.length : newline;
    const line = withoutComment(text.slice(at, Math.min(end, at + 1000)).trimStart());
    const start = at;
    at = end + 1;
    if (isComment || line.startsWith("/*")) {
      isComment = !line.includes("*/");
    } else if (list.test(line)) {
      const brace = text.indexOf("{", start);
      const read = braceList(text, brace);
      const isPattern = /^export\s+(?:const|let|var)\b/u.test(line);
      for (const item of read.items) addItem(names, item, isPattern);
      at = Math.max(read.end, end + 1);
    } else if (star.test(line)) {
      stars += 1;
      names.add(`${reexport} (${stars})`);
    } else for (const name of lineNames(line)) names.add(name);
  }
  return names;
}

/** The line after a comment that begins and ends before its code. */
function withoutComment(line: string): string {
  const end = line.startsWith("/*") ? line.indexOf("*/", 2) : -1;
  return end === -1 ? line : line.slice(end + 2).trimStart();
}

function lineNames(line: string): readonly string[] {
  if (line.startsWith("//") || line.startsWith("*")) return [];
  if (defaultExport.test(line)) return ["default"];
  const name = declared.exec(line)?.[1] ?? starAs.exec(line)?.[1];
  if (name !== undefined) return [name];
  const found = line.includes("exports.") ? [...line.matchAll(assigned)].flatMap(([, each]) => each ?? []) : [];
  return wholeExport.test(line) ? ["default", ...found] : found;
}

const renamed = pattern(`\\sas\\s+(${identifier}|"[^"]*")$`);
const bound = pattern(`^(?:\\.\\.\\.)?(?:[^:]*:\\s*)?(${identifier})`);
const key = pattern(`^(?:(?:type|async|get|set)\\s+|\\*\\s*)*["']?(${identifier})`);

/**
 * Adds the name under which one item of a list is exported: `a`, `a as b`, `type A`, in a pattern `a: b`, in an
 * object `a: 1`.
 */
function addItem(names: Set<string>, item: string, isPattern: boolean): void {
  const text = item.trim().slice(0, 300);
  if (text.startsWith("...") && !isPattern) return;
  const name = isPattern ? bound.exec(text)?.[1] : (renamed.exec(text)?.[1] ?? key.exec(text)?.[1]);
  if (name !== undefined) names.add(name);
}

/**
 * The items between a brace and the one that closes it, without what is nested, quoted or commented. Of an unclosed
 * list only those up to the end of the text. The scan goes on after `end`, so that each character is seen once.
 */
function braceList(text: string, brace: number): { readonly items: readonly string[]; readonly end: number } {
  const items: string[] = [];
  let item = "";
  let depth = 0;
  let at = brace;
  while (at < text.length) {
    const char = text.charAt(at);
    const skipped = skippedTo(text, at);
    if (skipped !== at) {
      // A quoted key is part of the item; a comment is not.
      if (depth === 1 && char !== "/" && item.length < 300) item += text.slice(at, Math.min(skipped, at + 300));
      at = skipped;
      continue;
    }
    if ("{[(".includes(char)) depth += 1;
    else if ("}])".includes(char)) depth -= 1;
    else if (depth === 1 && char === ",") {
      items.push(item);
      item = "";
    } else if (depth === 1 && item.length < 300) item += char;
    at += 1;
    if (depth === 0) break;
  }
  return { items: [...items, item], end: at };
}

/** The position after the comment or string that begins there, or the same position when none does. */
function skippedTo(text: string, at: number): number {
  const char = text.charAt(at);
  if (char === "/" && text.charAt(at + 1) === "/") return orEnd(text, text.indexOf("\n", at));
  if (char === "/" && text.charAt(at + 1) === "*") return orEnd(text, text.indexOf("*/", at + 2), 2);
  if (char !== '"' && char !== "'" && char !== "`") return at;
  for (let end = at + 1; end < text.length; end += 1) {
    const each = text.charAt(end);
    if (each === "\\") end += 1;
    else if (each === char) return end + 1;
    else if (each === "\n" && char !== "`") return end;
  }
  return text.length;
}

function orEnd(text: string, index: number, length = 0): number {
  return index === -1 ? text.length : index + length;
}

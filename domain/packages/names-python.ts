const definition = /^(?:async\s+)?(?:def|class)\s+([\p{ID_Start}_][\p{ID_Continue}]*)/u;
const assignment = /^([\p{ID_Start}_][\p{ID_Continue}]*)\s*(?::[^=]*)?=(?!=)/u;
const listStart = /^__all__\s*(?::[^=]*)?\+?=\s*[[(]/u;
const reexport = /^from\s+\.[\w.]*\s+import\s+(.*)$/u;
const item = /["']([\p{ID_Start}_][\p{ID_Continue}]*)["']/gu;

/**
 * The names that a Python text offers: those of `__all__` where it has one, and else the functions, classes and
 * variables at its top level without a leading underscore; for an `__init__.py` also the names that it imports from
 * its own package. A module whose own name has a leading underscore offers none.
 */
export function pythonNames(path: string, text: string): ReadonlySet<string> {
  const file = path.slice(path.lastIndexOf("/") + 1);
  const isPackage = /^__init__\.pyi?$/u.test(file);
  if (file.startsWith("_") && !isPackage) return new Set();
  const names = new Set<string>();
  const all = new Set<string>();
  let hasAll = false;
  for (const statement of topStatements(text)) {
    if (listStart.test(statement)) {
      hasAll = true;
      for (const [, name] of statement.matchAll(item)) if (name !== undefined) all.add(name);
      continue;
    }
    const name = definition.exec(statement)?.[1] ?? assignment.exec(statement)?.[1];
    const imported = isPackage ? importedNames(reexport.exec(statement)?.[1]) : [];
    for (const each of name === undefined ? imported : [name]) if (!each.startsWith("_")) names.add(each);
  }
  return hasAll ? all : names;
}

/** `a, b as c` gives a and c. */
function importedNames(list: string | undefined): readonly string[] {
  if (list === undefined) return [];
  return list
    .replaceAll(/[()]/gu, " ")
    .split(",")
    .map((part) => part.trim().split(/\s+/u).at(-1) ?? "")
    .filter((name) => /^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(name));
}

const maxStatementLength = 20_000;

/**
 * The lines that begin in the first column outside of a text in three quotes, with the lines of an open bracket added
 * to `__all__` and to imports, comments removed, on one line, and cut to 20,000 characters.
 */
function topStatements(text: string): readonly string[] {
  const found: string[] = [];
  let quotes: string | undefined;
  let open: string[] | undefined;
  let length = 0;
  for (const raw of text.split("\n")) {
    const line = raw.slice(0, 2000);
    const wasQuoted = quotes !== undefined;
    quotes = quotesAfter(line, quotes);
    if (wasQuoted) continue;
    const code = (line.split("#", 1)[0] ?? "").trimEnd();
    if (open !== undefined) {
      if (length < maxStatementLength) open.push(code);
      length += code.length + 1;
      if (/[\])]/u.test(code)) open = closed(found, open);
    } else if (listStart.test(code) || /^from\s+\.[\w.]*\s+import\s*\(/u.test(code)) {
      open = [code];
      length = code.length;
      if (/[\])]\s*$/u.test(code)) open = closed(found, open);
    } else if (/^[\p{ID_Start}_]/u.test(code)) found.push(code);
  }
  if (open !== undefined) closed(found, open);
  return found;
}

function closed(found: string[], open: readonly string[]): undefined {
  found.push(open.join(" "));
  return undefined;
}

/** The quotes that are still open at the end of the line, if any. */
function quotesAfter(line: string, before: string | undefined): string | undefined {
  let open = before;
  for (let at = 0; at < line.length; at += 1) {
    const three = line.slice(at, at + 3);
    if (open === undefined && line.charAt(at) === "#") return undefined;
    if (three !== '"""' && three !== "'''") continue;
    if (open === undefined) open = three;
    else if (open === three) open = undefined;
    else continue;
    at += 2;
  }
  return open;
}

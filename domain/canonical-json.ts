/**
 * The JSON Canonicalization Scheme (RFC 8785): one text for one value, with object keys sorted by UTF-16 code unit at every
 * depth, no white space, and numbers and strings as ECMAScript writes them. Members that are `undefined` are left out, and
 * `undefined` in an array is null, as JSON.stringify does. Throws TypeError on values that JSON can't hold: functions, symbols,
 * bigint, NaN and infinities.
 *
 * One difference from the RFC stays, since hashes over such text are stored: half of a surrogate pair, which the RFC refuses, is
 * written as its `\udXXX` escape. The text is still valid JSON, and still one for one value.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError("canonical JSON can't hold a number that is not finite");
    return JSON.stringify(value);
  }
  // Not `map`, which skips the holes of a sparse array.
  if (Array.isArray(value)) return `[${Array.from(value, (item) => canonicalJson(item ?? null)).join(",")}]`;
  if (isRecord(value)) {
    // Every model call and ledger entry is hashed over this text, so it is built without lists in between.
    let text = "";
    for (const key of sortedKeys(value)) {
      const member = value[key];
      if (member !== undefined) text += `${text === "" ? "" : ","}${quoted(key)}:${canonicalJson(member)}`;
    }
    return `{${text}}`;
  }
  throw new TypeError(`canonical JSON can't hold a ${typeof value}`);
}

/** Most objects come in a few shapes, often sorted already. */
function sortedKeys(value: object): readonly string[] {
  const keys = Object.keys(value);
  for (let index = 1; index < keys.length; index += 1)
    if ((keys[index - 1] ?? "") > (keys[index] ?? "")) return keys.sort();
  return keys;
}

const maxQuotedKeys = 1_000;
const quotedKeys = new Map<string, string>();

/** A key as JSON text; those of our own types are few and come again and again. */
function quoted(key: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const text = JSON.stringify(key);
  if (quotedKeys.size < maxQuotedKeys) quotedKeys.set(key, text);
  return text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object";
}

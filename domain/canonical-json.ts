/**
 * One text for one value: object keys sorted by UTF-16 code unit at every depth, no spaces, scalars as JSON.stringify
 * writes them, `undefined` members left out. The subset of RFC 8785 that JSON-safe values need. Throws TypeError on what
 * JSON can't hold (functions, symbols, bigint, NaN and infinities).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError("canonical JSON can't hold a number that is not finite");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(",")}]`;
  if (isRecord(value)) {
    // Every model call and ledger entry is hashed over this text, so it is built without lists in between.
    let text = "";
    for (const key of Object.keys(value).sort()) {
      const member = value[key];
      if (member !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
    }
    return `{${text}}`;
  }
  throw new TypeError(`canonical JSON can't hold a ${typeof value}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object";
}

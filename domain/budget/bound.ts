/** The tokens that vendors add to a request: words around tools and messages. */
const overheadTokens = 2_000;
/** More than any vendor counts for one image, whether it is named or held. */
const imageTokens = 10_000;

/**
 * No fewer tokens than a model's vendor can count for a request: a token is never shorter than a byte of UTF-8, an image counts
 * a fixed number. `parts` are what is sent, as JSON; a part is never changed once it was counted.
 */
export function tokensAtMost(parts: readonly unknown[]): number {
  return parts.reduce<number>((sum, part) => sum + tokensOf(part), overheadTokens);
}

/** A stage's tools are the same at each of its calls, and so is a conversation but for its end. */
const counted = new WeakMap<object, number>();

function tokensOf(part: unknown): number {
  const isObject = typeof part === "object" && part !== null;
  const known = isObject ? counted.get(part) : undefined;
  if (known !== undefined) return known;
  const tokens = countTokens(part);
  if (isObject) counted.set(part, tokens);
  return tokens;
}

function countTokens(part: unknown): number {
  if (Array.isArray(part)) return listTokens(part);
  // A message's blocks stay the same, also where messages are put together anew.
  if (isRecord(part) && Array.isArray(part["blocks"]))
    return textTokens({ ...part, blocks: [] }) - emptyList + listTokens(part["blocks"]);
  return textTokens(part);
}

const emptyList = "[]".length;

/** A list's text is its items' texts with commas between, in brackets. */
function listTokens(items: readonly unknown[]): number {
  const between = emptyList + Math.max(0, items.length - 1);
  return items.reduce<number>((sum, item) => sum + tokensOf(item ?? null), between);
}

function textTokens(part: unknown): number {
  const whole = JSON.stringify(part) ?? "";
  // Quotes inside of values are escaped, so these can only be keys.
  const text = whole.includes('"base64":') ? JSON.stringify(part, withoutBytes) : whole;
  const images = text.split('"type":"image').length - 1;
  return byteLength(text) + images * imageTokens;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function withoutBytes(key: string, value: unknown): unknown {
  return key === "base64" ? "" : value;
}

/** Bytes of UTF-8; half of a surrogate pair counts three, of which a pair has four. */
function byteLength(text: string): number {
  let bytes = text.length;
  if (!/[^\u0000-\u007f]/u.test(text)) return bytes;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) bytes += code > 0x7ff ? 2 : 1;
  }
  return bytes;
}

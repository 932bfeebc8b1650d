/** What vendors add to a request: words around tools and messages. */
const overheadTokens = 2_000;
/** More than any vendor counts for one image, whether it is named or held. */
const imageTokens = 10_000;

/**
 * No fewer tokens than a model's vendor can count for a request: a token is never shorter than a byte of UTF-8, an image counts
 * a fixed number. `parts` are what is sent, as JSON.
 */
export function tokensAtMost(parts: readonly unknown[]): number {
  let images = 0;
  let bytes = 0;
  for (const part of parts) {
    const text = JSON.stringify(part, (key, value: unknown) => {
      if (key === "type" && (value === "image" || value === "image_reference")) images += 1;
      return key === "base64" ? "" : value;
    });
    bytes += byteLength(text ?? "");
  }
  return bytes + images * imageTokens + overheadTokens;
}

/** Bytes of UTF-8; half of a surrogate pair counts three, of which a pair has four. */
function byteLength(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) bytes += code > 0x7ff ? 2 : 1;
  }
  return bytes;
}

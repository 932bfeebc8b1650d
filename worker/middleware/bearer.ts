/** Shorter tokens open nothing: they could be guessed. */
const minTokenLength = 32;

/** True when the header is `Bearer <token>`. Compared as hashes, so that the time taken reveals nothing about the token. */
export async function bearsToken(authorization: string, token: string): Promise<boolean> {
  if (token.length < minTokenLength) return false;
  const digest = async (text: string): Promise<string> =>
    String(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
  return (await digest(authorization)) === (await digest(`Bearer ${token}`));
}

/**
 * Parses JSON that this product wrote into its own storage, without checking its shape. Input from outside is parsed by a schema instead.
 */
export function parseStored<T>(text: string): T {
  return JSON.parse(text) as T;
}

/**
 * A value from the JSON text that this product wrote of it before, into its own storage. Not for anything that came from outside: that
 * is parsed by a schema.
 */
export function readBack<T>(text: string): T {
  return JSON.parse(text) as T;
}

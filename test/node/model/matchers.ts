import { expect } from "vitest";

/** Matches a string that contains the text. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

/** Matches a string that matches the pattern. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

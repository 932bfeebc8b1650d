/** A longer manifest or source file is not read: 1 MiB in UTF-16 code units. */
export const maxTextLength = 1_048_576;

const maxWordLength = 256;

/**
 * A name, version or range out of a hostile file, fit to be shown and stored: control, format and line separating
 * characters become a space, and more than 256 characters are cut with an ellipsis, which no version and no range
 * has.
 */
export function shownWord(text: string): string {
  const cut = text.length > maxWordLength ? `${text.slice(0, maxWordLength - 1)}…` : text;
  return cut.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, " ").trim();
}

/** At most three names, quoted as code, for a sentence: "`a`, `b`, `c` and 4 more". */
export function nameList(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `\`${shownWord(name)}\``);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} more`;
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

/** The value as an object whose own keys may be read, or undefined when it is none. Arrays are none. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined;
}

/** The own property of that name, or undefined: never one that the prototype has. */
export function ownValue(record: Readonly<Record<string, unknown>> | undefined, key: string): unknown {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The parsed JSON object of a text, or undefined when it is no JSON, no object or too long. */
export function readJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.length > maxTextLength) return undefined;
  try {
    return asRecord(JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text));
  } catch {
    return undefined;
  }
}

/** The lines of a text, each cut to 1,000 characters, so that a pattern's work per line has a bound. */
export function boundedLines(text: string): readonly string[] {
  return text.split("\n").map((line) => (line.length > 1000 ? line.slice(0, 1000) : line));
}

/** The items by their keys, in their order; of several with one key the first. */
export function firstByKey<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (!found.has(key)) found.set(key, item);
  }
  return found;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

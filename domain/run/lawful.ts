/** Deeper values than any tool takes. Beyond a few thousand levels JSON can't be written any more. */
export const maxInputDepth = 64;
/** Names and ids that both vendors take back: https://platform.claude.com/docs/en/api/messages and OpenAI's function calling. */
const lawful = /^[A-Za-z0-9_-]{1,64}$/u;
const maxCharacters = 64;
const replacement = "\uFFFD";

/** The text as JSON, SQLite and every vendor take it: half of a surrogate pair and NUL become U+FFFD. */
export function lawfulText(text: string): string {
  const whole = text.toWellFormed();
  return whole.includes("\0") ? whole.replaceAll("\0", replacement) : whole;
}

/** Whether a text can be taken as it is: it has no NUL and no half of a surrogate pair. */
export function isLawfulText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** The value with every text in it made lawful, keys included; the same object when nothing had to change. */
export function lawfulValue(value: unknown): unknown {
  return mapTexts(value, lawfulText);
}

/** The value with every text in it passed through `change`, keys included; the same object when nothing changed. Depth is the caller's to bound. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => mapTexts(item, change));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const changed = entries.map(([key, item]): [string, unknown] => [change(key), mapTexts(item, change)]);
  const isSame = changed.every(([key, item], index) => key === entries[index]?.[0] && item === entries[index]?.[1]);
  return isSame ? value : Object.fromEntries(changed);
}

/** Whether arrays and objects are nested in each other more than `limit` deep. Uses no stack, so any depth can be asked about. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((item): readonly unknown[] =>
      typeof item === "object" && item !== null ? Object.values(item) : [],
    );
    level = level.filter((item) => typeof item === "object" && item !== null);
  }
  return false;
}

/** Whether vendors take this back as the name of a tool or the id of a call. */
export function isLawfulName(name: string): boolean {
  return lawful.test(name);
}

/** A tool's name that vendors take back; one that they don't becomes a name that no tool has. */
export function lawfulName(name: string): string {
  return isLawfulName(name) ? name : unknownName(name);
}

/** A name for a tool that was not offered: vendors take it back, and no tool has it. */
export function unknownName(name: string): string {
  const letters = name.replaceAll(/[^A-Za-z0-9_-]/gu, "_");
  return `unknown-${letters === "" ? "unnamed" : letters}`.slice(0, maxCharacters);
}

/**
 * A call's id that vendors take back and that no other call of the conversation has. An id that is lawful and new stays as it is.
 *
 * @param spare a lawful id that only this call can have
 */
export function lawfulId(id: string, taken: ReadonlySet<string>, spare: string): string {
  if (isLawfulName(id) && !taken.has(id)) return id;
  let made = spare;
  for (let count = 2; taken.has(made); count += 1) made = `${spare}-${count}`;
  return made;
}

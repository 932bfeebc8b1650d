import { keyEnd, keyStart, openKeyAt } from "./private-keys.ts";
import { redactSecrets } from "./secrets.ts";

/** A credential has no white space and is no longer than this. */
const maxHeldCharacters = 8_500;
/** A key that has not ended after so much never does. */
const maxKeyCharacters = 20_000;
const endMarkCharacters = 80;

/**
 * Redacts a text that comes in pieces: a credential is found also where pieces part it. Text is held back while it may be the beginning
 * of one, at most a word; what is held at the end is never given.
 */
export class StreamRedactor {
  #held = "";
  /** Characters of the private key that the stream is in. */
  #inKey: number | undefined;

  /** Takes the next piece and returns the text that can be shown now. */
  push(piece: string): string {
    this.#held += piece;
    let shown = "";
    for (;;) {
      if (this.#inKey !== undefined && !this.#leaveKey()) return shown;
      const start = keyStart(this.#held);
      if (start === undefined) return shown + this.#release();
      // With its first line, so that the mark comes from the one place that makes it.
      shown += redactSecrets(this.#held.slice(0, start));
      this.#held = this.#held.slice(start);
      this.#inKey = 0;
    }
  }

  /** Whether the key has ended; text of it is dropped. */
  #leaveKey(): boolean {
    const end = keyEnd(this.#held);
    const dropped = end ?? Math.max(0, this.#held.length - endMarkCharacters);
    this.#inKey = (this.#inKey ?? 0) + dropped;
    this.#held = this.#held.slice(dropped);
    const isOver = end !== undefined || this.#inKey > maxKeyCharacters;
    if (isOver) this.#inKey = undefined;
    return isOver;
  }

  #release(): string {
    const run = openRun(this.#held);
    const from = Math.min(openKeyAt(this.#held) ?? run, run);
    if (this.#held.length - from > maxHeldCharacters) {
      // Redacted before it is parted, so that no credential is parted.
      const redacted = redactSecrets(this.#held);
      this.#held = redacted.slice(-maxHeldCharacters);
      return redacted.slice(0, -maxHeldCharacters);
    }
    const shown = redactSecrets(this.#held.slice(0, from));
    this.#held = this.#held.slice(from);
    return shown;
  }
}

/** Where the last word begins that may become a credential: of ASCII, or any with an address in it. */
function openRun(text: string): number {
  const word = text.length - (/\S*$/u.exec(text.slice(-maxHeldCharacters - 1))?.[0].length ?? 0);
  if (text.slice(word).includes("://")) return word;
  return text.length - (/[!-~]*$/u.exec(text.slice(-maxHeldCharacters - 1))?.[0].length ?? 0);
}

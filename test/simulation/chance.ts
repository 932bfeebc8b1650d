const span = 2 ** 32;

/**
 * Where every decision of a history comes from: numbers drawn from a seed, or read back from a tape of earlier draws.
 * Past its end a tape gives 0, and 0 always means the dull choice, so that a shorter tape is a simpler history.
 */
export class Chance {
  /** The numbers drawn so far, each in [0, 2^32). */
  readonly drawn: number[] = [];
  #state: number;
  readonly #tape: readonly number[] | undefined;

  constructor(source: number | readonly number[]) {
    this.#state = typeof source === "number" ? Math.imul(source, 0x9e3779b1) >>> 0 : 0;
    this.#tape = typeof source === "number" ? undefined : source;
  }

  /** A whole number in [0, below). */
  int(below: number): number {
    return Math.floor((this.#next() / span) * below);
  }

  /** True with this probability. */
  happens(probability: number): boolean {
    return this.#next() >= span * (1 - probability);
  }

  /** One of the items; the first is the dull one. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.int(items.length)] ?? items[0];
  }

  /** One of the items by weight; the first is the dull one. */
  weighted<T>(items: readonly [readonly [T, number], ...(readonly [T, number])[]]): T {
    let total = 0;
    for (const [, weight] of items) total += weight;
    let left = (this.#next() / span) * total;
    for (const [item, weight] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    return items[0][0];
  }

  // mulberry32: small, fast, and every seed gives another sequence.
  #next(): number {
    let value = 0;
    if (this.#tape === undefined) {
      this.#state = (this.#state + 0x6d2b79f5) >>> 0;
      let mixed = this.#state;
      mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      value = (mixed ^ (mixed >>> 14)) >>> 0;
    } else value = this.#tape[this.drawn.length] ?? 0;
    this.drawn.push(value);
    return value;
  }
}

/** A ticket as far as its title is compared. */
export interface TitledTicket {
  readonly id: string;
  readonly title: string;
}

/** The most like of the tickets that came before it, and how like its title is: 1 is the same words. */
export interface Likeness {
  readonly id: string;
  readonly share: number;
}

/** Titles are alike from this share of common trigrams on (Jaccard index). */
export const leastShare = 0.6;
/** Titles of fewer trigrams are alike only when they are the same. */
const fewestTrigrams = 8;

/** Words that tell nothing about a ticket. */
const fillers = new Set([
  "a",
  "an",
  "and",
  "as",
  "at",
  "by",
  "for",
  "from",
  "in",
  "is",
  "it",
  "of",
  "on",
  "or",
  "that",
  "the",
  "to",
  "with",
]);

/** Titles of the same words, in whatever order. */
interface Shape {
  readonly key: string;
  /** Its trigrams by their places in the order of all, rarest first. */
  readonly places: readonly number[];
  /** Where it stands in the index: its numbers with each of its rarest trigrams. */
  readonly entries: readonly string[];
  /** The tickets that have it. */
  readonly ids: Set<string>;
  /** The one of them that came first. */
  first: string;
}

const earlier = (a: string, b: string): boolean => Number(a) < Number(b);
const firstOf = (ids: Iterable<string>): string => {
  let first = "";
  for (const id of ids) if (first === "" || earlier(id, first)) first = id;
  return first;
};

/**
 * Finds tickets with nearly the same titles, by an inverted index over the trigrams of their words. Two titles that are alike share one of
 * the rarest trigrams of each (the prefix filter of Bayardo, Ma and Srikant, "Scaling Up All Pairs Similarity Search", 2007), so only a
 * few are compared. After a change only the tickets near it are looked at again.
 */
export class SimilarTitles {
  readonly #titles = new Map<string, { readonly title: string; readonly shape: Shape }>();
  readonly #shapes = new Map<string, Shape>();
  /** Shapes by their numbers and one of their rarest trigrams. */
  readonly #index = new Map<string, Set<Shape>>();
  /** Each trigram's place in the order from the rarest, as it was when the trigram was first seen. It never changes. */
  readonly #order = new Map<string, number>();
  readonly #likeness = new Map<string, Likeness>();
  #lowest = 0;

  /** The ticket that came before and that this one looks like most; undefined without one. */
  likeOf(id: string): Likeness | undefined {
    return this.#likeness.get(id);
  }

  /** Takes the tickets as they are now. Returns the ids of those whose likeness is another than before. */
  update(tickets: Iterable<TitledTicket>): readonly string[] {
    const now = new Set<string>();
    const fresh: TitledTicket[] = [];
    for (const ticket of tickets) {
      now.add(ticket.id);
      if (this.#titles.get(ticket.id)?.title !== ticket.title) fresh.push(ticket);
    }
    const gone = [...this.#titles.keys()].filter((id) => !now.has(id));
    if (fresh.length + gone.length === 0) return [];
    const removed = new Set([...gone, ...fresh.map(({ id }) => id)]);
    const stale = new Set(removed);
    for (const [id, like] of this.#likeness) if (removed.has(like.id)) stale.add(id);
    for (const id of removed) this.#remove(id);
    const read = fresh.map(({ id, title }) => ({ id, title, words: wordsOf(title) }));
    this.#learn(read.map(({ words }) => words.trigrams));
    const shapes = new Set(read.map(({ id, title, words }) => this.#add(id, title, words)));
    const before = new Map<string, string | undefined>();
    const set = (id: string, like: Likeness | undefined): void => {
      if (!before.has(id)) before.set(id, this.#likeness.get(id)?.id);
      if (like === undefined) this.#likeness.delete(id);
      else this.#likeness.set(id, like);
    };
    for (const id of stale) set(id, this.#best(id));
    let last = "0";
    for (const id of this.#titles.keys()) if (!stale.has(id) && earlier(last, id)) last = id;
    for (const shape of shapes) if (earlier(shape.first, last)) this.#offer(shape, stale, set);
    return [...before].filter(([id, like]) => this.#likeness.get(id)?.id !== like).map(([id]) => id);
  }

  #remove(id: string): void {
    const shape = this.#titles.get(id)?.shape;
    if (shape === undefined) return;
    this.#titles.delete(id);
    shape.ids.delete(id);
    if (shape.first === id) shape.first = firstOf(shape.ids);
    if (shape.ids.size > 0) return;
    this.#shapes.delete(shape.key);
    for (const entry of shape.entries) this.#index.get(entry)?.delete(shape);
  }

  #add(id: string, title: string, words: Words): Shape {
    const shape = this.#shapes.get(words.key) ?? this.#newShape(words);
    shape.ids.add(id);
    if (shape.first === "" || earlier(id, shape.first)) shape.first = id;
    this.#titles.set(id, { title, shape });
    return shape;
  }

  #newShape({ key, numbers, trigrams }: Words): Shape {
    const places = [...trigrams].map((trigram) => this.#order.get(trigram) ?? 0).toSorted((a, b) => a - b);
    const rarest = places.slice(0, places.length - Math.ceil(leastShare * places.length) + 1);
    const entries = rarest.map((place) => `${numbers}|${place}`);
    const shape: Shape = { key, places, entries, ids: new Set(), first: "" };
    this.#shapes.set(key, shape);
    for (const entry of entries) this.#index.set(entry, (this.#index.get(entry) ?? new Set()).add(shape));
    return shape;
  }

  /** Gives trigrams that were not seen before their places, the rarest of them first. */
  #learn(sets: readonly ReadonlySet<string>[]): void {
    const counts = new Map<string, number>();
    for (const trigrams of sets)
      for (const trigram of trigrams)
        if (!this.#order.has(trigram)) counts.set(trigram, (counts.get(trigram) ?? 0) + 1);
    const sorted = [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    for (const [trigram] of sorted) this.#order.set(trigram, (this.#lowest -= 1));
  }

  /** The shapes that may be alike, with the shape itself. */
  #near(shape: Shape): ReadonlySet<Shape> {
    const found = new Set([shape]);
    for (const entry of shape.entries) for (const other of this.#index.get(entry) ?? []) found.add(other);
    return found;
  }

  #best(id: string): Likeness | undefined {
    const shape = this.#titles.get(id)?.shape;
    // A title without a letter or a digit says nothing.
    if (shape === undefined || shape.places.length === 0) return undefined;
    if (earlier(shape.first, id)) return { id: shape.first, share: 1 };
    let best: Likeness | undefined;
    for (const other of this.#near(shape)) {
      if (!earlier(other.first, id)) continue;
      const offered = { id: other.first, share: shareOf(shape.places, other.places) };
      if (isBetter(offered, best)) best = offered;
    }
    return best;
  }

  /** Offers the first ticket of a shape to all that it may be better for, but those that have just looked for themselves. */
  #offer(shape: Shape, looked: ReadonlySet<string>, set: (id: string, like: Likeness) => void): void {
    if (shape.places.length === 0) return;
    for (const other of this.#near(shape)) {
      const offered = { id: shape.first, share: shareOf(shape.places, other.places) };
      if (offered.share < leastShare) continue;
      for (const id of other.ids)
        if (!looked.has(id) && earlier(shape.first, id) && isBetter(offered, this.#likeness.get(id))) set(id, offered);
    }
  }
}

function isBetter(offered: Likeness, best: Likeness | undefined): boolean {
  if (offered.share < leastShare) return false;
  if (best === undefined || offered.share > best.share) return true;
  return offered.share === best.share && earlier(offered.id, best.id);
}

/** The share of two sorted lists that they have in common; 0 as soon as it can't be `leastShare` any more. */
function shareOf(a: readonly number[], b: readonly number[]): number {
  const [fewer, all] = [Math.min(a.length, b.length), a.length + b.length];
  // With `common` of them the share is common / (all - common).
  const wanted = (leastShare * all) / (1 + leastShare);
  if (fewer < wanted) return 0;
  let common = 0;
  for (let at = 0, other = 0; at < a.length && other < b.length;) {
    const [x = 0, y = 0] = [a[at], b[other]];
    if (x === y) common += 1;
    if (x <= y) at += 1;
    if (y <= x) other += 1;
    if (common + Math.min(a.length - at, b.length - other) < wanted) return 0;
  }
  const share = common / (all - common);
  return fewer < fewestTrigrams && share < 1 ? 0 : share;
}

interface Words {
  readonly key: string;
  /** The words with a digit: tickets of one series, such as “Page 3”, differ in these alone and are not alike. */
  readonly numbers: string;
  readonly trigrams: ReadonlySet<string>;
}

/** A title's words in plain letters, as trigrams that begin and end at the word's edges, whatever the order of the words. */
function wordsOf(title: string): Words {
  const words = title
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
  const telling = words.filter((word) => !fillers.has(word));
  const counted = telling.length === 0 ? words : telling;
  const trigrams = new Set<string>();
  for (const word of counted) {
    const characters = Array.from(`  ${word} `);
    for (let at = 0; at + 3 <= characters.length; at += 1) trigrams.add(characters.slice(at, at + 3).join(""));
  }
  const numbers = words.filter((word) => /\p{N}/u.test(word)).toSorted();
  return { key: counted.toSorted().join(" "), trigrams, numbers: numbers.join(" ") };
}

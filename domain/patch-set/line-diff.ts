import { diffLines, type ChangeObject } from "diff";

/** The lines of a text; its last line break begins no further line. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/**
 * The shortest comparison of two texts by lines, undefined when it takes more than `maxEdits` added and deleted lines. Its work grows
 * with the square of that number. A limit in time is none in a Worker, whose clock stands still while it computes.
 */
export function shortestDiff(
  before: string,
  after: string,
  maxEdits: number,
): readonly ChangeObject<string>[] | undefined {
  return fewestEdits(before, after) > maxEdits ? undefined : diffLines(before, after, { maxEditLength: maxEdits });
}

/** A number of added and deleted lines below which no comparison of the texts gets. Linear. */
export function fewestEdits(before: string, after: string): number {
  const left = new Map<string, number>();
  const [beforeLines, afterLines] = [linesOf(before), linesOf(after)];
  for (const line of beforeLines) left.set(line, (left.get(line) ?? 0) + 1);
  let common = 0;
  for (const line of afterLines) {
    const count = left.get(line) ?? 0;
    if (count === 0) continue;
    left.set(line, count - 1);
    common += 1;
  }
  return beforeLines.length + afterLines.length - 2 * common;
}

/**
 * For each line of `after` whether it stands for one of `before`, in order: a valid comparison, but not always the shortest. Lines that
 * are unique on both sides are the anchors, as in a patience diff. n log n.
 */
export function keptLines(before: readonly string[], after: readonly string[]): readonly boolean[] {
  const kept = after.map(() => false);
  const edge = (step: 1 | -1): number => {
    const at = (lines: readonly string[], index: number): string | undefined =>
      lines[step === 1 ? index : lines.length - 1 - index];
    let length = 0;
    while (length < Math.min(before.length, after.length) && at(before, length) === at(after, length)) length += 1;
    return length;
  };
  const head = edge(1);
  const tail = Math.min(edge(-1), Math.min(before.length, after.length) - head);
  for (let index = 0; index < head; index += 1) kept[index] = true;
  for (let index = 1; index <= tail; index += 1) kept[after.length - index] = true;
  const end = { before: before.length - tail, after: after.length - tail };
  let next = { before: head, after: head };
  for (const anchor of [...anchorsOf(before, after, head, end), end]) {
    // Equal lines before an anchor, then those behind the one before it.
    let back = 1;
    while (
      anchor.after - back >= next.after &&
      anchor.before - back >= next.before &&
      before[anchor.before - back] === after[anchor.after - back]
    ) {
      kept[anchor.after - back] = true;
      back += 1;
    }
    if (anchor.after < end.after) kept[anchor.after] = true;
    next = { before: anchor.before + 1, after: anchor.after + 1 };
  }
  return kept;
}

interface Pair {
  readonly before: number;
  readonly after: number;
}

/** The longest run of lines, unique on both sides, that have the same order on both. */
function anchorsOf(before: readonly string[], after: readonly string[], from: number, end: Pair): readonly Pair[] {
  const beforeAt = uniqueLines(before, from, end.before);
  const pairs: Pair[] = [...uniqueLines(after, from, end.after)].flatMap(([line, index]) => {
    const found = beforeAt.get(line);
    return found === undefined ? [] : [{ before: found, after: index }];
  });
  return longestRising(pairs.toSorted((one, other) => one.after - other.after));
}

/** The lines that come once in a part of a text, with their indices. */
function uniqueLines(lines: readonly string[], from: number, to: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const repeated = new Set<string>();
  for (let index = from; index < to; index += 1) {
    const line = lines[index] ?? "";
    if (found.has(line)) repeated.add(line);
    else found.set(line, index);
  }
  for (const line of repeated) found.delete(line);
  return found;
}

/** The longest part of the pairs whose `before` rises, by patience sorting. */
function longestRising(pairs: readonly Pair[]): readonly Pair[] {
  interface Link {
    readonly pair: Pair;
    readonly previous: Link | undefined;
  }
  const piles: Link[] = [];
  for (const pair of pairs) {
    let [low, high] = [0, piles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((piles[middle]?.pair.before ?? 0) < pair.before) low = middle + 1;
      else high = middle;
    }
    piles[low] = { pair, previous: piles[low - 1] };
  }
  const rising: Pair[] = [];
  for (let link = piles.at(-1); link !== undefined; link = link.previous) rising.push(link.pair);
  return rising.reverse();
}

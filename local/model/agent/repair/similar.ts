/** Whether one word looks like a slip of the pen for the other: one or two letters apart, and not too short for that. */
export function looksLikeTypo(one: string, other: string): boolean {
  const longest = Math.max(one.length, other.length);
  if (one === other || longest < 4 || Math.abs(one.length - other.length) > 2) return false;
  return distance(one, other) <= (longest >= 7 ? 2 : 1);
}

/** Edit distance of two words (Levenshtein): insertions, deletions and replacements of single letters. */
function distance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1;
      current.push(
        Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + same),
      );
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}

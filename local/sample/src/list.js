/**
 * Joins words as a sentence does: "a", "a and b", "a, b and c".
 * @param {readonly string[]} words
 * @param {string} [last] the word before the last item
 * @returns {string}
 */
export function joinWords(words, last = "and") {
  if (words.length < 2) return words.join("");
  const head = words.slice(0, -1);
  return `${head.join(", ")} ${last} ${words[words.length - 1]}`;
}

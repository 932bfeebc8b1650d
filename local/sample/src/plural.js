/**
 * A count with its word: "1 file", "2 files", "0 entries".
 * @param {number} count
 * @param {string} one the word for exactly one
 * @param {string} [many] the word for all other counts; `one` + "s" unless given
 * @returns {string}
 */
export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

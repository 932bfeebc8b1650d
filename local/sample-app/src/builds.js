/**
 * @typedef {object} Build
 * @property {string} name
 * @property {"passed" | "failed"} result
 * @property {number} durationMs
 * @property {number} endedAt milliseconds since the epoch
 */

/**
 * Reads a list of builds from JSON.
 * @param {string} text
 * @returns {Build[]}
 */
export function readBuilds(text) {
  const list = JSON.parse(text);
  if (!Array.isArray(list)) throw new TypeError("builds must be a list");
  return list.map((entry, index) => {
    const { name, result, durationMs, endedAt } = entry ?? {};
    if (typeof name !== "string" || name === "") throw new TypeError(`build ${index} has no name`);
    if (result !== "passed" && result !== "failed") throw new TypeError(`build ${name} has no result`);
    if (typeof durationMs !== "number" || durationMs < 0) throw new TypeError(`build ${name} has no duration`);
    const endedAtMs = Date.parse(endedAt);
    if (Number.isNaN(endedAtMs)) throw new TypeError(`build ${name} has no time at which it ended`);
    return { name, result, durationMs, endedAt: endedAtMs };
  });
}

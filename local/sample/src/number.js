/**
 * Keeps a number between two bounds.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @returns {number}
 */
export function clamp(value, low, high) {
  if (low > high) throw new RangeError(`clamp needs low <= high, got ${low} and ${high}`);
  return Math.min(Math.max(value, low), high);
}

/**
 * Rounds half up to a number of decimals; trailing zeros fall away because it is a number.
 * @param {number} value
 * @param {number} decimals
 * @returns {number}
 */
export function roundTo(value, decimals) {
  const factor = 10 ** clamp(decimals, 0, 12);
  return Math.round(value * factor) / factor;
}

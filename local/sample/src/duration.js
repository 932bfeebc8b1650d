import { plural } from "./plural.js";

const unitMs = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const unitNames = { ms: "millisecond", s: "second", m: "minute", h: "hour", d: "day", w: "week" };

const partPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/;

function parsePart(part) {
  const match = partPattern.exec(part);
  if (match === null) throw new RangeError(`not a duration: "${part}"`);
  return Number(match[1]) * unitMs[match[2]];
}

/**
 * Reads a duration such as "250ms", "1.5h" or "2d 4h 30m".
 * @param {string} text
 * @returns {number} milliseconds
 */
export function parseDuration(text) {
  const parts = text.trim().toLowerCase().split(/\s+/);
  if (parts.length === 1) return parsePart(parts[0]);
  let total = 0;
  for (let index = 0; index < parts.length - 1; index += 1) {
    total += parsePart(parts[index]);
  }
  return total;
}

/**
 * Writes a duration with its two largest units: "1h 30m", or "1 hour 30 minutes" with `{ long: true }`.
 * @param {number} ms
 * @param {{ long?: boolean }} [options]
 * @returns {string}
 */
export function formatDuration(ms, options = {}) {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`not a duration: ${ms}`);
  const shown = [];
  let rest = Math.round(ms);
  for (const unit of ["w", "d", "h", "m", "s", "ms"]) {
    const count = Math.floor(rest / unitMs[unit]);
    rest -= count * unitMs[unit];
    if (count > 0 && shown.length < 2) shown.push(options.long ? plural(count, unitNames[unit]) : `${count}${unit}`);
  }
  if (shown.length === 0) return options.long ? "0 milliseconds" : "0ms";
  return shown.join(" ");
}

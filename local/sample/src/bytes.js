import { roundTo } from "./number.js";

const decimalUnits = ["B", "kB", "MB", "GB", "TB"];
const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB"];
const sizePattern = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;

/**
 * Writes a byte size with one decimal at most: "1.5 MB", or "1.4 MiB" with `{ binary: true }`.
 * @param {number} bytes
 * @param {{ binary?: boolean }} [options]
 * @returns {string}
 */
export function formatBytes(bytes, options = {}) {
  if (!Number.isFinite(bytes) || bytes < 0) throw new RangeError(`formatBytes needs a size, got ${bytes}`);
  const step = options.binary ? 1024 : 1000;
  const units = options.binary ? binaryUnits : decimalUnits;
  let value = bytes;
  let index = 0;
  while (value >= step && index < units.length - 1) {
    value /= step;
    index += 1;
  }
  return `${roundTo(value, 1)} ${units[index]}`;
}

/**
 * Reads a byte size such as "512", "1.5 kB" or "2 GiB".
 * @param {string} text
 * @returns {number} bytes
 */
export function parseBytes(text) {
  const match = sizePattern.exec(text.trim());
  if (match === null) throw new RangeError(`not a byte size: "${text}"`);
  const name = match[2].toLowerCase();
  const wanted = name === "" ? "b" : name;
  const decimal = decimalUnits.findIndex((unit) => unit.toLowerCase() === wanted);
  const binary = binaryUnits.findIndex((unit) => unit.toLowerCase() === wanted);
  if (decimal === -1 && binary === -1) throw new RangeError(`not a byte size: "${text}"`);
  const factor = decimal === -1 ? 1024 ** binary : 1000 ** decimal;
  return Math.round(Number(match[1]) * factor);
}

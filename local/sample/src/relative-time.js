import { plural } from "./plural.js";

const steps = [
  { name: "day", ms: 86_400_000 },
  { name: "hour", ms: 3_600_000 },
  { name: "minute", ms: 60_000 },
];

/**
 * How far away a time is, in words: "just now", "5 minutes ago", "in 2 days".
 * @param {number} at milliseconds since the epoch
 * @param {number} [now] milliseconds since the epoch
 * @returns {string}
 */
export function formatRelative(at, now = Date.now()) {
  const distance = Math.abs(at - now);
  const step = steps.find((candidate) => distance >= candidate.ms);
  if (step === undefined) return "just now";
  const words = plural(Math.floor(distance / step.ms), step.name);
  return at < now ? `${words} ago` : `in ${words}`;
}

import { formatDuration, formatRelative, plural } from "lime-units";
import { alignColumns } from "./table.js";

/**
 * The report on some builds: a line for each, the newest first, and a last line that counts them.
 * @param {readonly import("./builds.js").Build[]} builds
 * @param {number} now milliseconds since the epoch
 * @returns {string}
 */
export function report(builds, now) {
  const newestFirst = [...builds].sort((a, b) => b.endedAt - a.endedAt);
  const rows = newestFirst.map((build) => [
    build.name,
    build.result,
    formatDuration(build.durationMs),
    formatRelative(build.endedAt, now),
  ]);
  const failed = builds.filter((build) => build.result === "failed").length;
  return [...alignColumns(rows), `${plural(builds.length, "build")}, ${failed} failed`].join("\n");
}

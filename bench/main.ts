import { spawnSync } from "node:child_process";
import path from "node:path";

/**
 * Every benchmark, one after the other; each prints its own table. `npm run bench -- sockets` runs the named ones, and with
 * `--smoke` each runs for a moment only. Ends with 1 when one fails.
 */
const all = [
  "sockets",
  "dispatch",
  "read",
  "starts",
  "board",
  "tickets",
  "reserve",
  "long-run",
  "idle",
  "d1-writes",
  "spa-size",
  "prompt-cache",
] as const;
const flags = process.argv.slice(2).filter((word) => word.startsWith("--"));
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = [
  ...flags.filter((flag) => flag !== "--smoke"),
  ...asked.filter((name) => !all.some((known) => known === name)),
];
if (unknown.length > 0) throw new Error(`no such bench or flag: ${unknown.join(", ")}; there are ${all.join(", ")}`);
const failed: string[] = [];
for (const name of all.filter((candidate) => asked.length === 0 || asked.includes(candidate))) {
  console.log(`\n# ${name}`);
  const startedAtMs = performance.now();
  const script = path.join(import.meta.dirname, `${name}.ts`);
  const result = spawnSync(process.execPath, [script, ...flags], { stdio: "inherit" });
  if (result.status !== 0) failed.push(name);
  if (flags.includes("--smoke")) console.log(`${name} took ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
}
if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(", ")}`);
  process.exitCode = 1;
}

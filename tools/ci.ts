// The suites of `.ci/run`, one after the other, also after a failure; with names as arguments, only those. The last two, which wait for
// processes most of the time, run side by side.
// The end repeats each failed test with its message, and the last output of a suite that failed without naming one. The last line reads
// `N passed, N failed`.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { countCommand, countReport, type Count } from "./count-tests.ts";
import { duration, runCommand } from "./run-command.ts";

const root = join(import.meta.dirname, "..");
const reports = join(root, "test-results");
const minuteMs = 60_000;
/** All suites together; `npm ci` comes before, and the whole must end within 90 minutes. */
const totalMs = 84 * minuteMs;

/** The end of a failed suite's output that is repeated, in characters. */
const lastOutput = 4_000;

/** A command counts as one that passed or failed; a vitest suite counts by its tests. */
interface Suite {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly isVitest?: boolean;
  readonly limitMs: number;
  /** It starts together with the suite after it, and is shown when it has ended. */
  readonly isBeside?: boolean;
}

const suites: readonly Suite[] = [
  { name: "check", argv: ["npm", "run", "check"], limitMs: 6 * minuteMs },
  { name: "test", argv: ["npm", "test"], isVitest: true, limitMs: 8 * minuteMs },
  { name: "test:slow", argv: ["npm", "run", "test:slow"], isVitest: true, limitMs: 25 * minuteMs },
  { name: "build", argv: ["npm", "run", "build"], limitMs: 4 * minuteMs },
  {
    name: "deploy --dry-run",
    argv: ["wrangler", "deploy", "--dry-run", "--outdir", "dist/worker"],
    limitMs: 4 * minuteMs,
  },
  { name: "demo", argv: ["npm", "run", "demo"], limitMs: 6 * minuteMs },
  { name: "bench --smoke", argv: ["npm", "run", "bench", "--", "--smoke"], limitMs: 12 * minuteMs },
  {
    name: "simulate",
    argv: ["npm", "run", "simulate", "--", "--histories", "100000", "--threads", "2"],
    limitMs: 14 * minuteMs,
  },
  { name: "mutants", argv: ["npm", "run", "mutants"], limitMs: 35 * minuteMs },
  { name: "test:abuse", argv: ["npm", "run", "test:abuse"], isVitest: true, limitMs: 12 * minuteMs },
  { name: "test:e2e", argv: ["npm", "run", "test:e2e"], isVitest: true, limitMs: 25 * minuteMs, isBeside: true },
  { name: "test:faults", argv: ["npm", "run", "test:faults"], isVitest: true, limitMs: 30 * minuteMs },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0)
  throw new Error(`no such suite: ${unknown.join(", ")}; there are ${suites.map(({ name }) => name).join(", ")}`);

await mkdir(reports, { recursive: true });
const endsAtMs = performance.now() + totalMs;
const lines: string[] = [];
const failures: string[] = [];
const total = { passed: 0, failed: 0 };
const beside: Promise<void>[] = [];
for (const suite of suites.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const run = report(suite);
  if (suite.isBeside === true) beside.push(run);
  else await Promise.all([run, ...beside.splice(0)]);
}
await Promise.all(beside.splice(0));
if (failures.length > 0) console.log(`\n=== failed\n${failures.join("\n\n")}`);
console.log(`\n${lines.join("\n")}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** Runs a suite and adds its count and its line to the report. */
async function report(suite: Suite): Promise<void> {
  const { count, note } = await runSuite(suite, endsAtMs - performance.now()).catch((error: unknown) => ({
    count: countCommand(false),
    note: `could not be counted: ${String(error)}`,
  }));
  total.passed += count.passed;
  total.failed += count.failed;
  failures.push(...count.failures.map((failure) => `${suite.name}: ${failure}`));
  lines.push(`${count.failed === 0 ? "ok    " : "FAILED"} ${suite.name.padEnd(16)} ${note}`);
}

async function runSuite(suite: Suite, remainingMs: number): Promise<{ readonly count: Count; readonly note: string }> {
  console.log(`\n=== ${suite.name}`);
  if (remainingMs < 1000) return { count: countCommand(false), note: "not run: no time was left" };
  const reportFile = join(reports, `${suite.name.replace(/\W+/g, "-")}.json`);
  await rm(reportFile, { force: true });
  const asJson = ["--", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const result = await runCommand(suite.isVitest === true ? [...suite.argv, ...asJson] : suite.argv, {
    cwd: root,
    timeoutMs: Math.min(suite.limitMs, remainingMs),
    show: suite.isBeside !== true,
  });
  if (suite.isBeside === true) console.log(`\n=== ${suite.name}, which has ended\n${result.output}`);
  const ok = result.exitCode === 0;
  const counted = suite.isVitest === true ? await countReport(reportFile, ok) : countCommand(ok);
  const isUnexplained = counted.failed > 0 && counted.failures.length === 0;
  const count = isUnexplained ? { ...counted, failures: [result.output.slice(-lastOutput)] } : counted;
  const ended = result.timedOut ? ", ended for time" : ok ? "" : `, exit code ${result.exitCode ?? "unknown"}`;
  return { count, note: `${count.passed} passed, ${count.failed} failed, ${duration(result.durationMs)}${ended}` };
}

// `npm test`, and with `--slow` `npm run test:slow`: the tests in workerd beside those in Node, in two processes, because vitest runs one
// project after the other and workerd alone leaves a core idle. Other arguments go to both; the report of `--outputFile.json=<file>` is
// one for both.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { runCommand } from "./run-command.ts";

const root = join(import.meta.dirname, "..");
const limitMs = 30 * 60_000;
const isSlow = process.argv.includes("--slow");
const halves = isSlow
  ? [
      { name: "node", projects: ["--config=vitest.node-slow.config.ts"] },
      { name: "workers", projects: ["--config=vitest.workers-slow.config.ts"] },
    ]
  : [
      { name: "node", projects: ["--project=node", "--project=pure"] },
      { name: "workers", projects: ["--project=workers"] },
    ];
const option = "--outputFile.json=";
const args = process.argv.slice(2).filter((arg) => arg !== "--slow");
const report = args.find((arg) => arg.startsWith(option))?.slice(option.length);
const partOf = (name: string): string => `${report ?? ""}.${name}`;

const results = await Promise.all(
  halves.map(async ({ name, projects }, index) => {
    const own = args.map((arg) => (arg.startsWith(option) ? `${option}${partOf(name)}` : arg));
    // The first half is shown as it runs, the other when both have ended.
    return runCommand(["vitest", "run", "--passWithNoTests", ...projects, ...own], {
      cwd: root,
      timeoutMs: limitMs,
      show: index === 0,
    });
  }),
);
for (const { output } of results.slice(1)) process.stdout.write(output);
if (report !== undefined) await mergeReports(report);
process.exitCode = results.every(({ exitCode }) => exitCode === 0) ? 0 : 1;

/** Puts the parts of a JSON report together; a part that is missing leaves the count to the exit code. */
async function mergeReports(file: string): Promise<void> {
  const schema = z.looseObject({
    numPassedTests: z.int(),
    numFailedTests: z.int(),
    testResults: z.array(z.unknown()),
  });
  const parts = await Promise.all(
    halves.map(async ({ name }) => {
      const text = await readFile(partOf(name), "utf8").catch(() => undefined);
      await rm(partOf(name), { force: true });
      return text === undefined ? [] : [schema.parse(JSON.parse(text))];
    }),
  );
  const all = parts.flat();
  const sum = (pick: (part: (typeof all)[number]) => number): number =>
    all.reduce((total, part) => total + pick(part), 0);
  const merged = {
    numPassedTests: sum((part) => part.numPassedTests),
    numFailedTests: sum((part) => part.numFailedTests),
    testResults: all.flatMap((part) => part.testResults),
  };
  await writeFile(file, JSON.stringify(merged));
}

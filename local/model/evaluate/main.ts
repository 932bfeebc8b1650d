import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runAgent } from "./agent-loop.ts";
import { ToolExecutor } from "./executor.ts";
import { possibleBugs } from "./inject.ts";
import type { Bug } from "./inject.ts";
import { packages } from "./packages.ts";
import type { EvaluatedPackage } from "./packages.ts";
import { linkDependencies, preparePackage, sourceText } from "./prepare.ts";
import type { PreparedPackage } from "./prepare.ts";
import { seededRandom, shuffled } from "./random.ts";
import { printTables, writeReport } from "./report.ts";
import type { Evaluation, Trial } from "./report.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    bugs: { type: "string", default: "8" },
    parallel: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    home: { type: "string", default: join(tmpdir(), "local-model-evaluation") },
    report: { type: "string", default: "" },
    verbose: { type: "boolean", default: false },
  },
});

const started = Date.now();
const seed = Number(values.seed);
const chosen = packages.filter(({ name }) => values.only === "" || values.only.split(",").includes(name));
mkdirSync(values.home, { recursive: true });
const evaluations = await inTurn(chosen, Number(values.parallel), evaluate);
printTables(evaluations);
if (values.report !== "") {
  const command = `node local/model/evaluate/main.ts --seed ${seed} --bugs ${values.bugs}`;
  writeFileSync(
    values.report,
    writeReport(evaluations, { command, date: new Date(started), seconds: Math.round((Date.now() - started) / 1000) }),
  );
}

/** Injects bugs into one package until enough of them are noticed by its tests, and lets the agent repair each. */
async function evaluate(wanted: EvaluatedPackage): Promise<Evaluation> {
  const prepared = preparePackage(wanted, values.home);
  const random = seededRandom(seed * 1000 + packages.indexOf(wanted));
  const clean = await withCopy(prepared, wanted, async (executor) => executor.tests());
  if (clean.code !== 0)
    throw new Error(`The tests of ${wanted.name} fail without any bug:\n${clean.output.slice(-2000)}`);
  const bugs = spread(
    shuffled(
      wanted.sources.flatMap((path) => possibleBugs(path, sourceText(prepared, path), random)),
      random,
    ),
  );
  const trials: Trial[] = [];
  let unnoticed = 0;
  for (const bug of bugs) {
    if (trials.length >= Number(values.bugs)) break;
    const trial = await withCopy(prepared, wanted, (executor, folder) =>
      tryBug(executor, folder, prepared, wanted, bug),
    );
    if (trial === "unnoticed") unnoticed += 1;
    else {
      trials.push(trial);
      console.log(
        `${wanted.name} ${bug.path}:${bug.line} ${bug.kind}: ${trial.outcome}, ${trial.turns} turns, ${trial.seconds} s${trial.same ? ", same as before the bug" : ""}`,
      );
    }
  }
  return { name: wanted.name, version: wanted.version, trials, unnoticed };
}

async function tryBug(
  executor: ToolExecutor,
  folder: string,
  prepared: PreparedPackage,
  wanted: EvaluatedPackage,
  bug: Bug,
): Promise<Trial | "unnoticed"> {
  const original = sourceText(prepared, bug.path);
  writeFileSync(join(folder, bug.path), original.slice(0, bug.start) + bug.text + original.slice(bug.end));
  if ((await executor.tests()).code === 0) return "unnoticed";
  const at = Date.now();
  const request = `Mode: bugfix\nRepository: example/${wanted.name} (base branch main)\nTest command: ${wanted.testCommand}\n\nRequest:\nThe tests fail. Please make them pass.`;
  const result = await runAgent(request, executor);
  // The agent's word does not count: the suite is run once more from outside.
  const repaired = result.outcome === "done" && (await executor.tests()).code === 0;
  const now = readFileSync(join(folder, bug.path), "utf8");
  if (values.verbose)
    console.log(
      `--- was: ${JSON.stringify(original.slice(bug.start, bug.end))} bug: ${JSON.stringify(bug.text)}\n${result.says.join("\n")}\n${result.summary}\n---`,
    );
  return {
    kind: bug.kind,
    line: bug.line,
    outcome: repaired ? "repaired" : result.outcome === "done" ? "claimed but wrong" : result.outcome,
    same: repaired && squeeze(now) === squeeze(original),
    turns: result.turns,
    seconds: Math.round((Date.now() - at) / 1000),
  };
}

async function withCopy<Result>(
  prepared: PreparedPackage,
  wanted: EvaluatedPackage,
  use: (executor: ToolExecutor, folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "local-model-copy-"));
  try {
    cpSync(prepared.folder, folder, { recursive: true });
    linkDependencies(folder, prepared.dependencies);
    return await use(
      new ToolExecutor(folder, prepared.folder, wanted.testCommand, prepared.dependencies, "bubblewrap"),
      folder,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Works through a list with so many at a time; the results keep the list's order. */
async function inTurn<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>();
  const waiting = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results.set(next[0], await work(next[1]));
  };
  await Promise.all(Array.from({ length: width }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/** Orders bugs so that each kind comes once before any comes twice. */
function spread(bugs: readonly Bug[]): readonly Bug[] {
  const seen = new Map<string, number>();
  const keyed = bugs.map((bug, index) => {
    const round = seen.get(bug.kind) ?? 0;
    seen.set(bug.kind, round + 1);
    return { bug, round, index };
  });
  return keyed.sort((a, b) => a.round - b.round || a.index - b.index).map(({ bug }) => bug);
}

function squeeze(text: string): string {
  return text.replace(/[\s();]+/gu, "");
}

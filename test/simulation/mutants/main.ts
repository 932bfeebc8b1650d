// `npm run mutants`: plants each mistake of the list in a copy of the tree and runs the simulation there, which must find it.
// Prints a table; ends with 1 when a mutant survives or does not apply any more. `--only <name>,<name>` runs these.
// The seed that found a mutant last time is tried first, because a search from the first seed takes minutes for the rare ones;
// `--record` searches all of them anew and stores the seeds.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as z from "zod";
import { mutants } from "./list.ts";
import { withMutant, type Mutant } from "./mutant.ts";

const root = join(import.meta.dirname, "../../..");
const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "40000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    record: { type: "boolean", default: false },
  },
});
const timeoutMs = 900_000;
/** The histories that show that the simulation holds in the copy without any mutant; `npm run simulate` lives many more. */
const soundHistories = "1000";
const seedsFile = join(import.meta.dirname, "found-at.json");
const foundAt = new Map(
  Object.entries(z.record(z.string(), z.int()).parse(JSON.parse(await readFile(seedsFile, "utf8")))),
);

interface Outcome {
  readonly isFound: boolean;
  readonly how: string;
  readonly seed?: number;
}

const only = values.only?.split(",");
const chosen = mutants.filter(({ name }) => only === undefined || only.includes(name));
const queue = [...chosen];
let survivors = 0;
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, (_, index) => inCopy(index === 0)));
console.log(
  `\n${chosen.length - survivors} of ${chosen.length} mutants found within ${values.histories} histories each`,
);
if (values.record) await recordSeeds();
process.exitCode = survivors === 0 ? 0 : 1;

/** Plants the mutants that are left, one after the other, in a copy of its own. Throws when the simulation fails without any. */
async function inCopy(checksSoundness: boolean): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), "lime-mutants-"));
  try {
    for (const folder of [
      "contracts",
      "domain",
      "worker/ports",
      "worker/services",
      "worker/errors.ts",
      "test/simulation",
      "test/fakes",
      "test/person-commands.ts",
      "test/step-and-settle.ts",
      "sandbox-host",
      "worker/base64.ts",
      "package.json",
    ]) {
      await cp(join(root, folder), join(copy, folder), { recursive: true });
    }
    await symlink(join(root, "node_modules"), join(copy, "node_modules"));
    const sound = checksSoundness ? await simulate(copy, values.seed, soundHistories) : undefined;
    if (sound?.isFound === true) throw new Error(`the simulation fails without any mutant: ${sound.how}`);
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const { how, isFound, seed } = await plant(copy, mutant);
      if (!isFound) survivors += 1;
      if (seed !== undefined) foundAt.set(mutant.name, seed);
      console.log(`${isFound ? "found   " : "SURVIVED"} ${mutant.name.padEnd(34)} ${how}`);
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function plant(copy: string, mutant: Mutant): Promise<Outcome> {
  const path = join(copy, mutant.file);
  const text = await readFile(path, "utf8");
  const planted = withMutant(text, mutant);
  if (planted === undefined) return { isFound: false, how: `does not apply once to ${mutant.file}` };
  await writeFile(path, planted);
  try {
    const known = values.record ? undefined : foundAt.get(mutant.name);
    const again = known === undefined ? undefined : await simulate(copy, String(known), "1");
    return again?.isFound === true ? again : await simulate(copy, values.seed, values.histories);
  } finally {
    await writeFile(path, text);
  }
}

/** Stores the seed of each mutant of the list that was found, by name, for the next run to begin with. */
async function recordSeeds(): Promise<void> {
  const kept = mutants.flatMap(({ name }) => {
    const seed = foundAt.get(name);
    return seed === undefined ? [] : [[name, seed] as const];
  });
  await writeFile(seedsFile, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
}

/** Runs the copy's simulation. Found means that an invariant broke: a crash of the simulator itself is none. */
async function simulate(copy: string, firstSeed: string, histories: string): Promise<Outcome> {
  const startedAt = performance.now();
  const args = ["test/simulation/main.ts", "--histories", histories, "--seed", firstSeed, "--whole"];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: copy, timeout: timeoutMs, maxBuffer: 50_000_000 },
      (error, stdout, stderr) => {
        const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
        const [, seed, rule] = /seed (\d+) broke (\S+)/u.exec(stdout) ?? [];
        if (rule !== undefined)
          resolve({ isFound: true, how: `${rule}, seed ${seed}, ${seconds}`, seed: Number(seed) });
        else if (error === null) resolve({ isFound: false, how: `nothing broke, ${seconds}` });
        else
          resolve({
            isFound: false,
            how: `the simulator ended without a verdict: ${(stderr || error.message).slice(0, 300)}`,
          });
      },
    );
  });
}

// `npm run mutants`: plants each mistake of the list in a copy of the tree and runs the simulation there, which must find it.
// Prints a table; ends with 1 when a mutant survives or does not apply any more. `--only <name>,<name>` runs these.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { mutants } from "./list.ts";
import { withMutant, type Mutant } from "./mutant.ts";

const root = join(import.meta.dirname, "../../..");
const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "40000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const timeoutMs = 600_000;

interface Outcome {
  readonly isFound: boolean;
  readonly how: string;
}

const only = values.only?.split(",");
const chosen = mutants.filter(({ name }) => only === undefined || only.includes(name));
const queue = [...chosen];
let survivors = 0;
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, (_, index) => inCopy(index === 0)));
console.log(
  `\n${chosen.length - survivors} of ${chosen.length} mutants found within ${values.histories} histories each`,
);
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
    const sound = checksSoundness ? await simulate(copy) : undefined;
    if (sound?.isFound === true) throw new Error(`the simulation fails without any mutant: ${sound.how}`);
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const { how, isFound } = await plant(copy, mutant);
      if (!isFound) survivors += 1;
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
    return await simulate(copy);
  } finally {
    await writeFile(path, text);
  }
}

/** Runs the copy's simulation. Found means that an invariant broke: a crash of the simulator itself is none. */
async function simulate(copy: string): Promise<Outcome> {
  const startedAt = performance.now();
  const args = ["test/simulation/main.ts", "--histories", values.histories, "--seed", values.seed];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: copy, timeout: timeoutMs, maxBuffer: 50_000_000 },
      (error, stdout, stderr) => {
        const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
        const [, seed, rule] = /seed (\d+) broke (\S+)/u.exec(stdout) ?? [];
        if (rule !== undefined) resolve({ isFound: true, how: `${rule}, seed ${seed}, ${seconds}` });
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

import type { Run } from "../../contracts/run.ts";
import { ForgeWitness } from "./forge-witness.ts";
import {
  approve,
  checkGates,
  checkLedger,
  checkNothingWritten,
  findModel,
  findTicket,
  followToEnd,
  need,
  showPatchSet,
  type WalkOptions,
} from "./walk.ts";

async function startBugfix({ agent, client, printer }: WalkOptions): Promise<Run> {
  const isBug = (title: string): boolean => title.startsWith("parseDuration");
  const bug = await findTicket(client, "the sample's bug ticket", ({ title, type }) => type === "bug" && isBug(title));
  printer.step(`found ${bug.key} "${bug.title}"`);
  const model = await findModel(client, agent);
  need(bug.repository !== null, `${bug.key} names no repository`);
  const run = await client.startRun({
    projectId: bug.projectId,
    repositoryId: bug.repository.id,
    mode: "bugfix",
    model,
    prompt: `${bug.title}\n\n${bug.description}`,
    ticketId: bug.id,
  });
  printer.step(`started run ${run.id}: ${run.mode} with ${model} (${agent})`);
  return run;
}

/** Shows the one patch set that waits, approves it, and returns its hash. */
async function showAndApprove(options: WalkOptions, run: Run, witness: ForgeWitness): Promise<string> {
  const { client, printer } = options;
  const patchSet = (await client.patchSets(run.id)).find((candidate) => !candidate.superseded);
  need(patchSet !== undefined, "the run waits for an approval but shows no patch set");
  printer.chapter("The proposal");
  await showPatchSet(options, run, patchSet);
  await checkNothingWritten(witness, printer);
  printer.chapter("The approval");
  await approve(options, run, patchSet);
  return patchSet.hash;
}

/**
 * Walks the path of one bug in one repository, printing each step, and checks on the forge's side that it happened.
 * @throws Error with one sentence naming the first thing that did not happen
 */
export async function walkOneRepository(options: WalkOptions): Promise<void> {
  const { client, printer } = options;
  printer.chapter("The request: a bug in one repository");
  const witness = await ForgeWitness.open(client);
  const run = await startBugfix(options);
  const hashes: string[] = [];
  const events = await followToEnd(options, run, async () => {
    hashes.push(await showAndApprove(options, run, witness));
  });
  need(hashes.length > 0, "the run ended without asking for an approval");

  printer.chapter("The result");
  const ended = await client.run(run.id);
  need(ended.state === "DONE", `the run ended ${ended.state}: ${ended.cause ?? "no cause given"}`);
  need(ended.pullRequest !== null, "the run is done but shows no pull request");
  printer.step(`run ${run.id} is DONE with pull request #${ended.pullRequest.number}`);
  const gates = events.filter((event) => event.type === "gate.evaluated").map(({ data }) => data);
  checkGates(new Map(gates.map(({ gate, status }) => [gate, status])), printer);
  const tests = events.findLast((event) => event.type === "tests.reported");
  need(tests?.data.regression?.failedOnBase === true, "no regression test was seen to fail without the fix");
  for (const line of await witness.confirm(ended, ended.pullRequest)) printer.step(line);
  await checkLedger(options, run, hashes);
}

import type { PatchSet } from "../../contracts/patch-set.ts";
import type { Run } from "../../contracts/run.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { bothRepositoriesTitle, sampleRepositories } from "../stack/sample-tickets.ts";
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

/** Starts one run over the library and its consumer, for the ticket that needs both. */
async function startRename({ agent, client, printer }: WalkOptions): Promise<Run> {
  const ticket = await findTicket(
    client,
    "the ticket for both repositories",
    ({ title }) => title === bothRepositoriesTitle,
  );
  printer.step(`found ${ticket.key} "${ticket.title}"`);
  const project = (await client.projects()).find(({ id }) => id === ticket.projectId);
  const repositoryIds = sampleRepositories.map(({ name }) => {
    const repository = project?.repositories.find((candidate) => candidate.name === name);
    need(repository !== undefined, `the project has no repository ${name}`);
    return repository.id;
  });
  const model = await findModel(client, agent);
  const run = await client.startRun({
    projectId: ticket.projectId,
    repositoryIds,
    mode: "implement",
    model,
    prompt: `${ticket.title}\n\n${ticket.description}`,
    ticketId: ticket.id,
  });
  printer.step(`started run ${run.id} over ${run.repositories.map(({ name }) => name).join(" and ")}`);
  return run;
}

function nameOf(run: Run, repositoryId: string): string {
  return run.repositories.find((lane) => lane.repositoryId === repositoryId)?.name ?? repositoryId;
}

/** Shows both patch sets and approves them one after the other: after the first nothing may be written yet. */
async function approveBoth(options: WalkOptions, run: Run, witness: ForgeWitness): Promise<readonly PatchSet[]> {
  const { client, printer } = options;
  const waiting = (await client.patchSets(run.id)).filter(({ superseded }) => !superseded);
  need(waiting.length === 2, `the run proposes ${waiting.length} patch sets instead of two`);
  printer.chapter("The proposal: one patch set a repository");
  for (const patchSet of waiting) {
    const links = patchSet.companions.map(({ merge, name }) => `${name} (${merge})`).join(", ");
    printer.step(`${nameOf(run, patchSet.repositoryId)}: ${patchSet.hash.slice(0, 16)}, links to ${links}`);
    await showPatchSet(options, run, patchSet);
  }
  await checkNothingWritten(witness, printer);
  printer.chapter("Two approvals");
  const [first, second] = waiting;
  need(first !== undefined && second !== undefined, "a patch set is missing");
  await approve(options, run, first);
  const between = await client.run(run.id);
  need(between.state === "WAITING_APPROVAL", `one of two approvals moved the run to ${between.state}`);
  await checkNothingWritten(witness, printer);
  await approve(options, run, second);
  return waiting;
}

function checkLanes(run: Run, events: readonly RunEvent[], { printer }: WalkOptions): void {
  const opened = events.flatMap((event) =>
    event.type === "pull_request.opened" ? [nameOf(run, event.data.repositoryId)] : [],
  );
  need(opened.join() === "lime-units,lime-report", `the pull requests opened in the order ${opened.join(", ")}`);
  printer.step("the library's pull request opened before its consumer's");
  for (const lane of run.repositories) {
    need(lane.status === "green", `${lane.name} is ${lane.status}, not green`);
    const gates = events.flatMap((event) =>
      event.type === "gate.evaluated" && event.data.repositoryId === lane.repositoryId
        ? [[event.data.gate, event.data.status] as const]
        : [],
    );
    checkGates(new Map(gates), printer, ` of ${lane.name}`);
  }
}

/**
 * Walks one change over a library and its consumer: one run, two patch sets, two approvals, two linked pull requests, both CI green.
 * @throws Error with one sentence naming the first thing that did not happen
 */
export async function walkSeveralRepositories(options: WalkOptions): Promise<void> {
  const { client, printer } = options;
  printer.chapter("The request: a library and its consumer");
  const witness = await ForgeWitness.open(client);
  const run = await startRename(options);
  const approved: PatchSet[] = [];
  const events = await followToEnd(options, run, async () => {
    approved.push(...(await approveBoth(options, run, witness)));
  });

  printer.chapter("The result");
  const ended = await client.run(run.id);
  need(ended.state === "DONE", `the run ended ${ended.state}: ${ended.cause ?? "no cause given"}`);
  checkLanes(ended, events, options);
  for (const lane of ended.repositories) {
    need(lane.pullRequest !== null, `${lane.name} shows no pull request`);
    const others = ended.repositories.filter(({ repositoryId }) => repositoryId !== lane.repositoryId);
    const links = others.map(({ name, owner, pullRequest }) => `${owner}/${name}#${pullRequest?.number ?? 0}`);
    for (const line of await witness.confirm({ repository: lane }, lane.pullRequest, links)) printer.step(line);
  }
  await checkLedger(
    options,
    run,
    approved.map(({ hash }) => hash),
  );
}

import type { RunLane } from "../../contracts/lane.ts";
import type { PatchSet } from "../../contracts/patch-set.ts";
import type { Repository } from "../../contracts/project.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import type { PullRequest, Run } from "../../contracts/run.ts";
import type { ApiClient } from "../stack/client.ts";
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

/** The library and its consumer: something of each, in the order in which they have to be merged. */
interface Pair<Item> {
  readonly library: Item;
  readonly consumer: Item;
}

const [libraryName, consumerName] = sampleRepositories.map(({ name }) => name);

function pairOf<Item>(items: readonly Item[], nameOf: (item: Item) => string, what: string): Pair<Item> {
  const library = items.find((item) => nameOf(item) === libraryName);
  const consumer = items.find((item) => nameOf(item) === consumerName);
  need(library !== undefined, `${what} has no ${libraryName}`);
  need(consumer !== undefined, `${what} has no ${consumerName}`);
  return { library, consumer };
}

async function projectRepositories(client: ApiClient, projectId: string): Promise<Pair<Repository>> {
  const project = (await client.projects()).find(({ id }) => id === projectId);
  return pairOf(project?.repositories ?? [], ({ name }) => name, "the project");
}

async function startRename({ agent, client, printer }: WalkOptions): Promise<Run> {
  const story = await findTicket(
    client,
    "the sample's story for both repositories",
    ({ title }) => title === bothRepositoriesTitle,
  );
  printer.step(`found ${story.key} "${story.title}"`);
  const { consumer, library } = await projectRepositories(client, story.projectId);
  const model = await findModel(client, agent);
  const run = await client.startRun({
    projectId: story.projectId,
    // The consumer comes first here, so that the order in the end can only come from the packages.
    repositoryIds: [consumer.id, library.id],
    mode: "implement",
    model,
    prompt: `${story.title}\n\n${story.description}`,
    ticketId: story.id,
  });
  printer.step(`started run ${run.id}: ${run.mode} with ${model} (${agent}) over ${consumer.name} and ${library.name}`);
  return run;
}

const lanesOf = (run: Run): Pair<RunLane> => pairOf(run.repositories, ({ name }) => name, "the run");

/** The patch sets that wait, each checked to name the other repository and which of both is merged first. */
async function waitingPatchSets(client: ApiClient, run: Run): Promise<Pair<PatchSet>> {
  const lanes = lanesOf(await client.run(run.id));
  const current = (await client.patchSets(run.id)).filter(({ superseded }) => !superseded);
  need(current.length === 2, `the run waits for an approval with ${current.length} patch sets instead of two`);
  const names = new Map([lanes.library, lanes.consumer].map((lane) => [lane.repositoryId, lane.name]));
  const sets = pairOf(current, ({ repositoryId }) => names.get(repositoryId) ?? "", "the proposal");
  const isLinked = (set: PatchSet, other: RunLane, merge: string): boolean =>
    set.companions.length === 1 &&
    set.companions[0]?.repositoryId === other.repositoryId &&
    set.companions[0].merge === merge;
  need(isLinked(sets.library, lanes.consumer, "after"), `${libraryName}'s patch set doesn't say what waits for it`);
  need(
    isLinked(sets.consumer, lanes.library, "before"),
    `${consumerName}'s patch set doesn't say what is merged first`,
  );
  return sets;
}

/** Shows both proposals and approves one after the other. Returns the two hashes. */
async function approveBoth(options: WalkOptions, run: Run, witness: ForgeWitness): Promise<readonly string[]> {
  const { client, printer } = options;
  const sets = await waitingPatchSets(client, run);
  printer.chapter(`The proposal for ${libraryName}`);
  await showPatchSet(options, run, sets.library);
  printer.chapter(`The proposal for ${consumerName}`);
  await showPatchSet(options, run, sets.consumer);
  printer.step(`both name each other: ${libraryName} is merged first, ${consumerName} after it`);
  await checkNothingWritten(witness, printer);

  printer.chapter("The first approval");
  await approve(options, run, sets.library);
  const between = await client.run(run.id);
  need(between.state === "WAITING_APPROVAL", `after one approval of two the run is ${between.state}`);
  const lanes = lanesOf(between);
  need(lanes.library.status === "approved", `${libraryName} is ${lanes.library.status} after its approval`);
  need(lanes.consumer.status === "waiting", `${consumerName} is ${lanes.consumer.status} and not waiting`);
  printer.step(`the run still waits: ${libraryName} is approved, ${consumerName} is not decided`);
  await checkNothingWritten(witness, printer);

  printer.chapter("The second approval");
  await approve(options, run, sets.consumer);
  return [sets.library.hash, sets.consumer.hash];
}

function pullRequests(run: Run): Pair<PullRequest> {
  const { consumer, library } = lanesOf(run);
  const of = ({ name, pullRequest, status }: RunLane): PullRequest => {
    need(pullRequest !== null, `${name} has no pull request`);
    need(status === "ci_passed", `${name} is ${status} and not ci_passed`);
    return pullRequest;
  };
  return { library: of(library), consumer: of(consumer) };
}

/** Checks gates and CI of each lane. */
function checkLanes(run: Run, events: readonly RunEvent[], { printer }: WalkOptions): void {
  for (const { name, repositoryId } of run.repositories) {
    const gates = new Map<string, string>();
    for (const event of events)
      if (event.type === "gate.evaluated" && (event.data.repositoryId ?? repositoryId) === repositoryId)
        gates.set(event.data.gate, event.data.status);
    // The rename rightly changes tests of both, so those of the base can't prove it: a person decides, and CI runs the new ones.
    checkGates(gates, printer, { of: ` of ${name}`, unproven: ["G4"] });
    printer.step(`tests of ${name} changed with the rename, so gate G4 is not proven: the approval decided`);
    const ci = events.findLast((event) => event.type === "ci.updated" && event.data.repositoryId === repositoryId);
    const conclusion = ci?.type === "ci.updated" ? ci.data.conclusion : undefined;
    need(conclusion === "success", `CI of ${name} ended with ${conclusion ?? "nothing"}`);
    printer.step(`CI of ${name}: success`);
  }
}

/** Checks on the forge that the pull requests were opened in order and that each names the other and the order of merging. */
async function checkLinks(run: Run, witness: ForgeWitness, { printer }: WalkOptions): Promise<void> {
  const lanes = lanesOf(run);
  const pulls = pullRequests(run);
  for (const line of await witness.confirm({ repository: lanes.library }, pulls.library)) printer.step(line);
  for (const line of await witness.confirm({ repository: lanes.consumer }, pulls.consumer)) printer.step(line);
  const opened = await witness.openedPulls();
  const order = [lanes.library, lanes.consumer].map(({ name, owner }) => `${owner}/${name}`);
  need(opened.join() === order.join(), `the pull requests were opened in the order ${opened.join(", ")}`);
  printer.step(`opened in order: ${order.join(", then ")}`);
  const reference = ({ name, owner }: RunLane, pull: PullRequest): string => `${owner}/${name}#${pull.number}`;
  const toConsumer = `${reference(lanes.consumer, pulls.consumer)}: it waits for this one`;
  const toLibrary = `${reference(lanes.library, pulls.library)}: merge it first`;
  await witness.confirmText(pulls.library.url, toConsumer);
  await witness.confirmText(pulls.consumer.url, toLibrary);
  printer.step(`${libraryName}'s pull request says "${toConsumer}"`);
  printer.step(`${consumerName}'s pull request says "${toLibrary}"`);
}

/**
 * Walks the path of one change over a library and its consumer, printing each step: one run, two patch sets, two approvals, two
 * pull requests that link to each other.
 * @throws Error with one sentence naming the first thing that did not happen
 */
export async function walkTwoRepositories(options: WalkOptions): Promise<void> {
  const { client, printer } = options;
  printer.chapter("The request: one change over a library and its consumer");
  const witness = await ForgeWitness.open(client);
  const run = await startRename(options);
  const hashes: string[] = [];
  const events = await followToEnd(options, run, async () => {
    hashes.push(...(await approveBoth(options, run, witness)));
  });
  need(hashes.length === 2, "the run ended without two approvals");

  printer.chapter("The result");
  const ended = await client.run(run.id);
  need(ended.state === "DONE", `the run ended ${ended.state}: ${ended.cause ?? "no cause given"}`);
  const pulls = pullRequests(ended);
  const numbers = `${libraryName} #${pulls.library.number} and ${consumerName} #${pulls.consumer.number}`;
  printer.step(`run ${run.id} is DONE with two pull requests: ${numbers}`);
  checkLanes(ended, events, options);
  await checkLinks(ended, witness, options);
  await checkLedger(options, run, hashes);
}

import { createTwoFilesPatch } from "diff";
import type { RunEvent } from "../../contracts/run-events.ts";
import { isFinal, type Run } from "../../contracts/run.ts";
import type { Ticket } from "../../contracts/project.ts";
import { ApiClient } from "../stack/client.ts";
import { findLedgerBreak } from "../stack/verify-ledger.ts";
import { describeEvent } from "./describe-event.ts";
import { ForgeWitness } from "./forge-witness.ts";
import type { DemoPrinter } from "./printer.ts";

export interface WalkOptions {
  /** The product's origin. */
  readonly url: string;
  readonly agent: "Claude" | "Codex";
  readonly printer: DemoPrinter;
}

function need(condition: boolean, failure: string): asserts condition {
  if (!condition) throw new Error(failure);
}

/** The sample's bug ticket, wherever people have moved it. */
async function findBug(client: ApiClient): Promise<Ticket> {
  const project = (await client.projects()).find((candidate) => candidate.key === "LIME");
  need(project !== undefined, "there is no project LIME: is this a stack that npm start has seeded?");
  const board = await client.board(project.id);
  const bug = board.columns
    .flatMap((column) => column.tickets)
    .find((ticket) => ticket.type === "bug" && ticket.title.startsWith("parseDuration"));
  need(bug !== undefined, "the sample's bug ticket isn't on the board");
  return bug;
}

async function startBugfix(client: ApiClient, options: WalkOptions): Promise<Run> {
  const { printer } = options;
  const bug = await findBug(client);
  printer.step(`found ${bug.key} "${bug.title}"`);
  const model = (await client.models()).find((candidate) => candidate.agent === options.agent && candidate.available);
  need(model !== undefined, `no model of ${options.agent} is available`);
  need(bug.repository !== null, `${bug.key} names no repository`);
  const run = await client.startRun({
    projectId: bug.projectId,
    repositoryId: bug.repository.id,
    mode: "bugfix",
    model: model.id,
    prompt: `${bug.title}\n\n${bug.description}`,
    ticketId: bug.id,
  });
  printer.step(`started run ${run.id}: ${run.mode} with ${model.name} (${model.agent})`);
  return run;
}

async function showAndApprove(
  client: ApiClient,
  run: Run,
  witness: ForgeWitness,
  printer: DemoPrinter,
): Promise<string> {
  const patchSet = (await client.patchSets(run.id)).find((candidate) => !candidate.superseded);
  need(patchSet !== undefined, "the run waits for an approval but shows no patch set");
  printer.chapter("The proposal");
  for (const patch of patchSet.patches) {
    printer.line(`${patch.status} ${patch.path} (+${patch.additions} -${patch.deletions})`);
    const content = await client.patchContent(run.id, patchSet.hash, patch.path);
    need(content.before !== content.after, `${patch.path} is in the patch set but doesn't change`);
    printer.block(
      createTwoFilesPatch(patch.path, patch.path, content.before ?? "", content.after ?? "", undefined, undefined, {
        context: 2,
      })
        .split("\n")
        .slice(2)
        .join("\n"),
    );
  }
  const blocks = patchSet.violations.filter((violation) => violation.severity === "BLOCK");
  need(blocks.length === 0, `policy blocks the patch set: ${blocks.map((violation) => violation.message).join("; ")}`);
  printer.step(
    `policy lets it pass with ${patchSet.violations.length} ${patchSet.violations.length === 1 ? "warning" : "warnings"}`,
  );
  for (const violation of patchSet.violations)
    printer.line(`${violation.severity} ${violation.rule}: ${violation.message}`);
  const early = await witness.newWrites();
  need(
    early.length === 0,
    `the forge was written to before the approval: ${early.map((write) => `${write.method} ${write.path}`).join(", ")}`,
  );
  printer.step("the forge's own record: nothing written so far");
  printer.chapter("The approval");
  await client.decide(run.id, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
  printer.step(`approved exactly ${patchSet.hash} on base ${patchSet.baseCommit.slice(0, 10)}`);
  return patchSet.hash;
}

/** Follows the run to its end; approves on the way. Returns all events and the approved hash. */
async function followToEnd(
  client: ApiClient,
  run: Run,
  witness: ForgeWitness,
  printer: DemoPrinter,
): Promise<{ readonly events: readonly RunEvent[]; readonly hash: string }> {
  const events: RunEvent[] = [];
  let hash: string | undefined;
  printer.chapter("The run, live");
  const timeout = AbortSignal.timeout(90_000);
  for await (const event of client.followEvents(run.id, {
    signal: timeout,
    onLost: (seq) => printer.line(`connection lost behind event ${seq}: connecting again`),
  })) {
    events.push(event);
    const text = describeEvent(event);
    if (text !== undefined) printer.line(`#${String(event.seq).padEnd(3)} ${text}`);
    if (event.type !== "run.state_changed") continue;
    if (event.data.to === "WAITING_APPROVAL") hash = await showAndApprove(client, run, witness, printer);
    if (event.data.to === "NEEDS_HUMAN" || event.data.to === "BLOCKED_POLICY")
      throw new Error(`the run waits in ${event.data.to}: ${event.data.cause ?? "no cause given"}`);
    if (isFinal(event.data.to)) break;
  }
  need(!timeout.aborted, "the run did not end within 90 s");
  need(hash !== undefined, "the run ended without asking for an approval");
  return { events, hash };
}

function checkGates(events: readonly RunEvent[], printer: DemoPrinter): void {
  const gates = new Map<string, string>();
  for (const event of events) if (event.type === "gate.evaluated") gates.set(event.data.gate, event.data.status);
  for (const gate of ["G2", "G3", "G4", "G5"])
    need(gates.get(gate) === "pass", `gate ${gate} did not pass: ${gates.get(gate) ?? "never evaluated"}`);
  need(![...gates.values()].includes("fail"), "a gate failed");
  printer.step(`gates: ${[...gates].map(([gate, status]) => `${gate} ${status}`).join(", ")}`);
}

/**
 * Walks the whole path as lime-dev, printing each step, and checks on the forge's side that it happened.
 * @throws Error with one sentence naming the first thing that did not happen
 */
export async function walkThePath(options: WalkOptions): Promise<void> {
  const { printer } = options;
  const client = new ApiClient(options.url);
  printer.chapter("The request");
  const me = await client.signIn("lime-dev");
  printer.step(`signed in with GitHub as ${me.user.name}`);
  const witness = await ForgeWitness.open(client);
  const run = await startBugfix(client, options);
  const { events, hash } = await followToEnd(client, run, witness, printer);

  printer.chapter("The result");
  const ended = await client.run(run.id);
  need(ended.state === "DONE", `the run ended ${ended.state}: ${ended.cause ?? "no cause given"}`);
  need(ended.pullRequest !== null, "the run is done but shows no pull request");
  printer.step(`run ${run.id} is DONE with pull request #${ended.pullRequest.number}`);
  checkGates(events, printer);
  const tests = events.findLast((event) => event.type === "tests.reported");
  need(tests?.data.regression?.failedOnBase === true, "no regression test was seen to fail without the fix");
  for (const line of await witness.confirm(ended, ended.pullRequest)) printer.step(line);

  const ledger = await client.ledger(run.id);
  const broken = findLedgerBreak(ledger);
  need(broken === undefined, `the ledger doesn't verify: ${broken}`);
  need(
    ledger.entries.some((entry) => entry.kind === "approval" && JSON.stringify(entry.data).includes(hash)),
    "the ledger holds no approval of the hash",
  );
  printer.step(`ledger verified: ${ledger.entries.length} entries, head ${ledger.head.slice(0, 16)}`);
}

import { createTwoFilesPatch } from "diff";
import type { PatchSet } from "../../contracts/patch-set.ts";
import type { Ticket } from "../../contracts/project.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { isFinal, type Run } from "../../contracts/run.ts";
import type { ApiClient } from "../stack/client.ts";
import { findLedgerBreak } from "../stack/verify-ledger.ts";
import { describeEvent, repositoryNames, type RepositoryNames } from "./describe-event.ts";
import type { ForgeWitness } from "./forge-witness.ts";
import type { DemoPrinter } from "./printer.ts";

/** Options of a walk. */
export interface WalkOptions {
  /** A person who has signed in. */
  readonly client: ApiClient;
  readonly agent: "Claude" | "Codex";
  readonly printer: DemoPrinter;
}

/** Throws an Error with the sentence `failure` unless the condition holds. */
export function need(condition: boolean, failure: string): asserts condition {
  if (!condition) throw new Error(failure);
}

/** A ticket of the sample project, wherever people have moved it. Throws when there is none that fits; `what` names it. */
export async function findTicket(client: ApiClient, what: string, fits: (ticket: Ticket) => boolean): Promise<Ticket> {
  const project = (await client.projects()).find((candidate) => candidate.key === "LIME");
  need(project !== undefined, "there is no project LIME: is this a stack that npm start has seeded?");
  const board = await client.board(project.id);
  const ticket = board.tickets.find(fits);
  need(ticket !== undefined, `${what} isn't on the board`);
  return ticket;
}

/** The first available model of an agent. */
export async function findModel(client: ApiClient, agent: WalkOptions["agent"]): Promise<string> {
  const model = (await client.models()).find((candidate) => candidate.agent === agent && candidate.available);
  need(model !== undefined, `no model of ${agent} is available`);
  return model.id;
}

/**
 * Follows a run to its end and prints its events; `onWaiting` is called each time it begins to wait for an approval.
 * @throws Error when it waits for anything else, or has not ended within 90 s
 */
export async function followToEnd(
  { client, printer }: WalkOptions,
  run: Run,
  onWaiting: () => Promise<void>,
): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  let names: RepositoryNames = new Map();
  printer.chapter("The run, live");
  const timeout = AbortSignal.timeout(90_000);
  for await (const event of client.followEvents(run.id, {
    signal: timeout,
    onLost: (seq) => printer.line(`connection lost behind event ${seq}: connecting again`),
  })) {
    events.push(event);
    if (event.type === "run.created") names = repositoryNames(event);
    const text = describeEvent(event, names);
    if (text !== undefined) printer.line(`#${String(event.seq).padEnd(3)} ${text}`);
    if (event.type !== "run.state_changed") continue;
    if (event.data.to === "WAITING_APPROVAL") await onWaiting();
    if (event.data.to === "NEEDS_HUMAN" || event.data.to === "BLOCKED_POLICY")
      throw new Error(`the run waits in ${event.data.to}: ${event.data.cause ?? "no cause given"}`);
    if (isFinal(event.data.to)) break;
  }
  need(!timeout.aborted, "the run did not end within 90 s");
  return events;
}

/** Prints the diffs of a patch set and its policy findings. Throws when policy blocks it or a path in it doesn't change. */
export async function showPatchSet({ client, printer }: WalkOptions, run: Run, patchSet: PatchSet): Promise<void> {
  for (const patch of patchSet.patches) {
    printer.line(`${patch.status} ${patch.path} (+${patch.additions} -${patch.deletions})`);
    const { before, after } = await client.patchContent(run.id, patchSet.hash, patch.path);
    need(before !== after, `${patch.path} is in the patch set but doesn't change`);
    printer.block(
      createTwoFilesPatch(patch.path, patch.path, before ?? "", after ?? "", undefined, undefined, { context: 2 })
        .split("\n")
        .slice(2)
        .join("\n"),
    );
  }
  const { violations } = patchSet;
  const blocks = violations.filter((violation) => violation.severity === "BLOCK");
  need(blocks.length === 0, `policy blocks the patch set: ${blocks.map((violation) => violation.message).join("; ")}`);
  printer.step(`policy lets it pass with ${violations.length} ${violations.length === 1 ? "warning" : "warnings"}`);
  for (const violation of violations) printer.line(`${violation.severity} ${violation.rule}: ${violation.message}`);
}

/** Checks on the forge's own record that nothing has been written since the walk began. */
export async function checkNothingWritten(witness: ForgeWitness, printer: DemoPrinter): Promise<void> {
  const writes = await witness.newWrites();
  const list = writes.map((write) => `${write.method} ${write.path}`).join(", ");
  need(writes.length === 0, `the forge was written to before the approval: ${list}`);
  printer.step("the forge's own record: nothing written so far");
}

/** Approves a patch set by its hash, on the base that was shown. */
export async function approve({ client, printer }: WalkOptions, run: Run, patchSet: PatchSet): Promise<void> {
  const { baseCommit, hash } = patchSet;
  await client.decide(run.id, hash, { decision: "approve", baseCommit });
  printer.step(`approved exactly ${hash} on base ${baseCommit.slice(0, 10)}`);
}

/**
 * Checks that these gate results hold G2 to G5 passed and no failure.
 *
 * @param options.of the part of the run that they belong to, for a person
 * @param options.unproven gates that must be skipped instead, since nothing that ran can prove the work
 */
export function checkGates(
  gates: ReadonlyMap<string, string>,
  printer: DemoPrinter,
  { of = "", unproven = [] }: { readonly of?: string; readonly unproven?: readonly string[] } = {},
): void {
  for (const gate of ["G2", "G3", "G4", "G5"])
    need(
      gates.get(gate) === (unproven.includes(gate) ? "skipped" : "pass"),
      `gate ${gate}${of} did not pass: ${gates.get(gate) ?? "never evaluated"}`,
    );
  need(![...gates.values()].includes("fail"), `a gate${of} failed`);
  printer.step(`gates${of}: ${[...gates].map(([gate, status]) => `${gate} ${status}`).join(", ")}`);
}

/** Verifies a run's ledger and that it holds an approval of each hash. */
export async function checkLedger(
  { client, printer }: WalkOptions,
  run: Run,
  hashes: readonly string[],
): Promise<void> {
  const ledger = await client.ledger(run.id);
  const broken = findLedgerBreak(ledger);
  need(broken === undefined, `the ledger doesn't verify: ${broken}`);
  const approvals = ledger.entries.filter((entry) => entry.kind === "approval").map(({ data }) => JSON.stringify(data));
  for (const hash of hashes)
    need(
      approvals.some((data) => data.includes(hash)),
      `the ledger holds no approval of ${hash}`,
    );
  printer.step(`ledger verified: ${ledger.entries.length} entries, head ${ledger.head.slice(0, 16)}`);
}

import { isDeepStrictEqual } from "node:util";
import { runEventPayloads, type RunEvent, type RunEventType } from "../../contracts/run-events.ts";
import { verifyLedger } from "../../domain/ledger/chain.ts";
import { fold } from "../../domain/run/fold.ts";
import { upgradeLog } from "../../domain/run/upgrade.ts";
import type { RunView } from "../../domain/run/view.ts";
import type { EventOracle } from "./event-oracle.ts";
import type { FakeBudget } from "./fake-budget.ts";
import type { FakeForge } from "./fake-forge.ts";
import type { FakeModel } from "./fake-model.ts";
import { isAgreed, type LaneSeen } from "./lane-seen.ts";
import { makesPatchSets, modeLaws } from "./lawful-moves.ts";
import type { Disk, MemoryJournal } from "./memory-journal.ts";
import { must } from "./violation.ts";

interface Ended {
  readonly disk: Disk;
  readonly oracle: EventOracle;
  readonly forge: FakeForge;
  readonly model: FakeModel;
  readonly budget: FakeBudget;
}

/** Checks the invariants after every step, beside those of each event. */
export function checkStep({ disk, model, oracle }: Ended, journal: MemoryJournal): void {
  const view = journal.view();
  must(
    view.state === oracle.state,
    "view-is-the-log",
    () => `the view is in ${view.state}, the log in ${oracle.state}`,
  );
  must(view.paused === oracle.paused, "view-is-the-log", () => `the view says paused ${view.paused}`);
  must(
    view.queue.length === oracle.queue.size,
    "view-is-the-log",
    () => `the view has ${view.queue.length} messages, the log ${oracle.queue.size}`,
  );
  must(
    view.totalTurns === oracle.finishedTurns,
    "view-is-the-log",
    () => `the view counts ${view.totalTurns} turns, the log ${oracle.finishedTurns}`,
  );
  must(
    oracle.startedTurns <= oracle.finishedTurns + oracle.failedTurns + oracle.lostTurns + 1,
    "turns-are-accounted-for",
    () => `${oracle.startedTurns} turns began`,
  );
  must(
    disk.modelCalls.length === oracle.finishedTurns + oracle.cutCalls.size,
    "calls-are-kept",
    () => `${disk.modelCalls.length} calls kept of ${oracle.finishedTurns} turns, ${oracle.cutCalls.size} cut ones`,
  );
  for (const callId of model.takeReported())
    must(disk.modelCalls.includes(callId), "no-money-is-lost", () => `${callId} is billed and in no book`);
  must(
    model.calls <= oracle.startedTurns,
    "calls-are-journaled-first",
    () => `${model.calls} calls, ${oracle.startedTurns} turns began`,
  );
}

/** Checks the invariants at the end of a history: the log against the view, the ledger, and the other sides' own accounts. */
export function checkEnd(ended: Ended, journal: MemoryJournal): void {
  const { disk, forge, oracle } = ended;
  checkStep(ended, journal);
  const view = journal.view();
  must(isDeepStrictEqual(fold(disk.events), view), "view-is-the-log", () => "folding the log again gives another view");
  checkMoney(ended, journal);
  checkWrites(ended, journal);
  if (oracle.state === "FAILED")
    must(forge.tickets.size === 0, "no-failure-after-the-tickets", () => `${forge.tickets.size} tickets stand`);
  if (disk.keepsLedger) checkStored(disk, journal);
}

/**
 * The cost that a call is booked with: the provider's own. For a call that was cut before all counts were told it is an estimate, marked as
 * one, and never less than was told.
 */
function bookedCost({ model, oracle }: Ended, callId: string): number | null {
  const cost = model.charged.get(callId);
  must(cost !== undefined, "money-is-right", () => `${callId} was never charged`);
  const cut = oracle.cutCalls.get(callId);
  if (cut === undefined) return cost;
  const least = model.toldCost.get(callId) ?? 0;
  must(
    cut.isEstimate ? cut.costMicros !== null && cut.costMicros >= least : cut.costMicros === cost,
    "money-is-right",
    () => `${callId} is booked with ${cut.costMicros}, told were ${least}, charged ${cost}`,
  );
  return cut.costMicros;
}

/** The view's cost is the provider's own for the calls that were answered. */
function checkMoney(ended: Ended, journal: MemoryJournal): void {
  let sum: number | null = 0;
  for (const callId of ended.disk.modelCalls) {
    const cost = bookedCost(ended, callId);
    sum = sum === null || cost === null ? null : sum + cost;
  }
  const { costMicros } = journal.view();
  must(costMicros === sum, "money-is-right", () => `the view says ${costMicros}, the provider ${sum}`);
}

/** Checks that the account of a resting run's project has every call that counts, and no reservation of the run. */
export function checkSettled(ended: Ended): void {
  const { budget, disk } = ended;
  let known = 0;
  let unpriced = 0;
  for (const callId of disk.modelCalls) {
    const cost = bookedCost(ended, callId);
    if (cost === null) unpriced += 1;
    else known += cost ?? 0;
  }
  const settled = [...budget.account.days.values()];
  const sum = settled.reduce((all, { micros }) => all + micros, 0);
  const calls = settled.reduce((all, { unpricedCalls }) => all + unpricedCalls, 0);
  must(sum === known, "every-cent-is-settled", () => `the account has ${sum}, the provider ${known}`);
  must(
    calls === unpriced,
    "every-cent-is-settled",
    () => `the account counts ${calls} calls of unknown cost of ${unpriced}`,
  );
  must(
    budget.account.reservation === undefined,
    "nothing-reserved-at-rest",
    () => `${budget.account.reservation?.callId} is reserved`,
  );
}

/** A cancelled run knows of every branch and pull request that it left at the forge, or says that it could not look. */
function checkCancelled(forge: Ended["forge"], { cause, lanes }: RunView): void {
  if (cause?.includes("could not be asked") === true) return;
  for (const { named, state } of forge.sites) {
    const lane = lanes.find(({ name, owner }) => `${owner}/${name}` === named);
    const knowsBranch = lane?.pullRequest !== undefined || lane?.writes.branch !== undefined;
    must(state.branches.size === 0 || knowsBranch, "cancel-knows-its-writes", () => `a branch in ${named}`);
    must(
      state.pulls.length === 0 || lane?.pullRequest !== undefined,
      "cancel-knows-its-writes",
      () => `a pull request in ${named}`,
    );
  }
}

function checkWrites({ forge, oracle }: Ended, journal: MemoryJournal): void {
  const { mode, state } = oracle;
  const view = journal.view();
  if (!makesPatchSets(mode))
    for (const { state: site } of forge.sites)
      must(
        site.commits.size + site.branches.size + site.pulls.length === 0,
        "writes-no-code",
        () => "the forge has something",
      );
  for (const lane of oracle.lanes.lanes) {
    const pull = view.lanes.find(({ id }) => id === lane.id)?.pullRequest;
    must(pull?.number === lane.pull?.number, "view-is-the-log", () => `the view names pull request ${pull?.number}`);
    must(
      lane.isChosen || lane.pull === undefined,
      "left-out-is-never-written",
      () => `${lane.repository.source.name} has a pull request`,
    );
  }
  if (state === "CANCELLED" && makesPatchSets(mode)) checkCancelled(forge, view);
  if (state !== "DONE") return;
  const { product } = modeLaws[mode];
  if (product === "plan") {
    must(forge.tickets.size > 0, "done-means-written", () => "no ticket was made");
    return;
  }
  if (product === "review") {
    const posted = forge.pull.reviews.find(({ hash }) => hash === view.proposal?.hash);
    must(posted !== undefined, "done-means-written", () => "no review is posted");
    must(view.writes.review === posted.id, "done-means-written", () => "the view names another review");
    return;
  }
  const delivered = oracle.lanes.delivered.filter(isAgreed);
  must(delivered.length > 0, "done-means-written", () => "nothing was delivered");
  for (const lane of delivered) checkDelivered(lane, forge, view);
}

/** Checks that a lane's approved patch set is on the forge, and that the view names it. */
function checkDelivered(lane: LaneSeen, forge: FakeForge, view: RunView): void {
  const site = forge.sites.find(({ repository }) => repository === lane.repository);
  const seen = view.lanes.find(({ id }) => id === lane.id);
  const pull = site?.state.pulls.find(({ headBranch }) => site.pulls.get(headBranch) === lane.proposal?.hash);
  must(pull !== undefined, "done-means-written", () => `no pull request is open in ${lane.repository.source.name}`);
  must(
    seen?.pullRequest?.number === pull.number && seen.pullRequest.commit === pull.headCommit,
    "done-means-written",
    () => "the view names another pull request",
  );
  must(
    site?.state.branches.get(pull.headBranch) === seen.writes.commit,
    "done-means-written",
    () => "the branch is at another commit",
  );
}

/** Each of these events has its entry in the ledger: the entry's kind, then the types of event. */
const proven: readonly (readonly [kind: string, ...types: RunEventType[]])[] = [
  ["state", "run.state_changed"],
  ["model_call", "turn.finished", "call.cut"],
  ["approval", "approval.decided"],
  ["write", "write.finished", "tickets.created"],
  ["gate", "gate.evaluated"],
];

/** Checks that stored data can be loaded: payloads fit their schemas, JSON keeps them, the ledger verifies and shows tampering. */
function checkStored(disk: Disk, journal: MemoryJournal): void {
  for (const event of disk.events) {
    const parsed = runEventPayloads[event.type].safeParse(event.data);
    must(parsed.success, "payloads-fit-their-schemas", () => `${event.type}: ${parsed.error?.message}`);
  }
  const reread: unknown = JSON.parse(JSON.stringify(disk.events));
  must(
    isLog(reread) && isDeepStrictEqual(fold(upgradeLog(reread)), journal.view()),
    "view-is-the-log",
    () => "the log read back from JSON gives another view",
  );
  const entries = disk.ledger;
  const head = entries.at(-1)?.hash ?? "";
  const verdict = verifyLedger({ entries, head });
  must(verdict.ok, "ledger-verifies", () => JSON.stringify(verdict));
  for (const [kind, ...types] of proven) {
    const events = disk.events.filter(({ type }) => types.includes(type)).length;
    const kept = entries.filter((entry) => entry.kind === kind).length;
    must(kept === events, "ledger-proves", () => `${kept} entries of ${kind} for ${events} events`);
  }
  const changed = entries.map((entry, index) =>
    index === entries.length >> 1 ? { ...entry, data: { ...entry.data, forged: 1 } } : entry,
  );
  must(!verifyLedger({ entries: changed, head }).ok, "ledger-shows-tampering", () => "a changed entry was not found");
  must(
    !verifyLedger({ entries: entries.slice(0, -1), head }).ok,
    "ledger-shows-tampering",
    () => "a missing last entry was not found",
  );
  must(
    !verifyLedger({ entries: entries.slice(1), head }).ok,
    "ledger-shows-tampering",
    () => "a missing first entry was not found",
  );
}

function isLog(value: unknown): value is readonly RunEvent[] {
  return Array.isArray(value);
}

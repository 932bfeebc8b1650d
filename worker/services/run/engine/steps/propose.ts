import type { PatchSummary } from "../../../../../contracts/patch-set.ts";
import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { integrityGate, policyGate, qualityGate } from "../../../../../domain/gates/evaluate.ts";
import { provesFix } from "../../../../../domain/gates/tests.ts";
import { runBranchName } from "../../../../../domain/patch-set/branch-name.ts";
import { patchSetHash, sortChanges } from "../../../../../domain/patch-set/content-hash.ts";
import { lineStat } from "../../../../../domain/patch-set/text.ts";
import type { TreeChange } from "../../../../../domain/patch-set/types.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import type { PolicyInput } from "../../../../../domain/policy/types.ts";
import { companionsOf } from "../../../../../domain/run/companions.ts";
import { applyEvent, type RunView } from "../../../../../domain/run/fold.ts";
import { isRejected, waitsForDecision, type LaneView } from "../../../../../domain/run/lane-view.ts";
import { chosenLanes, deliveredLanes } from "../../../../../domain/run/lanes.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { judgeChanges, type Judgement } from "../judge.ts";
import { move, type Moved } from "../../../../../domain/run/move.ts";
import { compareVersions, type ComparedVersions } from "../versions.ts";
import { baseCommitOf } from "../workspace.ts";

/** A lane with the work that it would propose. */
interface Candidate {
  readonly lane: LaneView;
  readonly changes: readonly TreeChange[];
}

/**
 * Seals the work of every lane that changes something as a patch set: content hash, integrity against the forge's base tree, policy,
 * gates; then a person is asked. A lane whose work is what a person has decided on already keeps its patch set and the decision.
 */
export async function propose(context: StepContext): Promise<StepOutcome> {
  const { epoch, journal } = context;
  const view = journal.view();
  const candidates = chosenLanes(view).map((lane) => ({ lane, changes: sortChanges(journal.work(lane.id)) }));
  const changing = candidates.filter(({ changes, lane }) => changes.length > 0 && !staysRejected(lane, changes));
  const versions = await compareVersions(context, candidates);
  const events: NewRunEvent[] = [...versions.events, ...candidates.flatMap(withdrawal)];
  const patchSets: { hash: string; changes: readonly TreeChange[] }[] = [];
  const baseBlobs = new Map(versions.baseBlobs);
  const delivered = changing.map(({ lane }) => lane);
  for (const { changes, lane } of changing) {
    const companions = companionsOf(lane, delivered, chosenLanes(view));
    const hash = patchSetHash(lane.id, baseCommitOf(lane), changes, companions);
    if (keepsPatchSet(view, lane, hash)) continue;
    const judged = await judgeChanges(context, lane, changes);
    for (const [blob, bytes] of judged.baseBlobs) baseBlobs.set(blob, bytes);
    patchSets.push({ hash, changes });
    events.push(...proposal(context, { lane, hash, companions, judged, warnings: versions.warnings }));
  }
  // A person may have changed the order while this step read from the forge: the links of its patch sets are of the old one.
  if (orderOf(journal.view()) !== orderOf(view)) return "again";
  const after = events.reduce<RunView>((folded, event) => applyEvent(folded, { ...event, atMs: 0 }), view);
  journal.commit({ events: [...events, askPerson(after).event], patchSets, baseBlobs }, epoch);
  return "again";
}

/** The order of the lanes and their dependencies, from which the links of patch sets are made. */
function orderOf(view: RunView): string {
  return JSON.stringify(chosenLanes(view).map(({ dependsOn, id }) => [id, dependsOn]));
}

/** The move that follows the proposal. Where no lane waits for a decision the run stops with a message to a person. */
function askPerson(after: RunView): Moved {
  const delivered = deliveredLanes(after);
  if (delivered.some(({ isBlocked }) => isBlocked))
    return move(after, "policy_blocked", "Policy blocks a patch set: see its violations.");
  if (delivered.some(waitsForDecision)) return move(after, "policy_passed");
  const cause = "None of the run's repositories has work that waits for a decision.";
  return move(after, "human_needed", `${cause} Choose other repositories, then resume; or cancel the run.`);
}

/** Whether the lane's patch set is still valid: it has the same bytes and links, and no person has requested changes. */
function keepsPatchSet(view: RunView, lane: LaneView, hash: string): boolean {
  if (lane.patchSet?.hash !== hash || lane.approval?.decision === "request_changes") return false;
  // Until a person has decided, the text of the pull request follows the coder's newest report.
  const isReworded = lane.patchSet.title !== titleOf(view) || lane.patchSet.summary !== summaryOf(view);
  return lane.approval !== undefined || !isReworded;
}

/** Whether a person has left out this very work. */
function staysRejected(lane: LaneView, changes: readonly TreeChange[]): boolean {
  if (!isRejected(lane) || lane.patchSet === undefined) return false;
  return patchSetHash(lane.id, baseCommitOf(lane), changes, lane.patchSet.companions) === lane.patchSet.hash;
}

/** A patch set whose lane no longer changes anything no longer waits; one that was written stays. */
function withdrawal({ changes, lane }: Candidate): readonly NewRunEvent[] {
  if (changes.length > 0 || lane.patchSet === undefined || lane.pullRequest !== undefined) return [];
  return [{ type: "patch_set.withdrawn", data: { repositoryId: lane.id, hash: lane.patchSet.hash } }];
}

interface Proposal {
  readonly lane: LaneView;
  readonly hash: string;
  readonly companions: ReturnType<typeof companionsOf>;
  readonly judged: Judgement;
  readonly warnings: ComparedVersions["warnings"];
}

function proposal(
  { journal }: StepContext,
  { companions, hash, judged, lane, warnings }: Proposal,
): readonly NewRunEvent[] {
  const view = journal.view();
  const repositoryId = lane.id;
  const version = lane.patchSetCount + 1;
  const title = titleOf(view);
  const violations = [...judged.violations, ...(warnings.get(lane.id) ?? [])];
  return [
    {
      type: "patch_set.proposed",
      data: {
        hash,
        version,
        repositoryId,
        baseCommit: baseCommitOf(lane),
        // A pull request of this run is brought up to date, not opened a second time.
        headBranch: lane.pullRequest?.branch ?? runBranchName(journal.spec.runId, title, version),
        parentCommit: lane.pullRequest?.commit ?? null,
        title,
        summary: summaryOf(view),
        tasks: [...(facts.finishedTasks.read(journal) ?? [])],
        patches: judged.inputs.map(summarise),
        companions: [...companions],
      },
    },
    {
      type: "gate.evaluated",
      data: { repositoryId, ...integrityGate(hash, judged.inputs.length, judged.problems) },
    },
    { type: "policy.evaluated", data: { repositoryId, hash, violations } },
    { type: "gate.evaluated", data: { repositoryId, ...policyGate(violations) } },
    {
      type: "gate.evaluated",
      data: { repositoryId, ...qualityGate(view.mode, lane.tests, view.review, isProvenElsewhere(view, lane)) },
    },
  ];
}

function isProvenElsewhere(view: RunView, lane: LaneView): boolean {
  return chosenLanes(view).some(({ id, tests }) => id !== lane.id && tests?.after?.exitCode === 0 && provesFix(tests));
}

function titleOf(view: RunView): string {
  return redactSecrets(view.report?.title ?? view.created?.title ?? "Change")
    .slice(0, 120)
    .toWellFormed();
}

function summaryOf(view: RunView): string {
  return redactSecrets(view.report?.summary ?? "");
}

function summarise({ afterText, beforeText, change }: PolicyInput): PatchSummary {
  const isBinary =
    (change.beforeBlob !== undefined && beforeText === undefined) ||
    (change.bytes !== undefined && afterText === undefined);
  const stat = isBinary ? { additions: 0, deletions: 0 } : lineStat(beforeText ?? "", afterText ?? "");
  return {
    path: change.path,
    status: change.status,
    beforeMode: change.beforeMode ?? null,
    afterMode: change.afterMode ?? null,
    beforeBlob: change.beforeBlob ?? null,
    afterBlob: change.afterBlob ?? null,
    isBinary,
    sizeBytes: change.bytes?.length ?? 0,
    ...stat,
  };
}

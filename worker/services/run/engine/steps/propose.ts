import type { PatchSummary } from "../../../../../contracts/patch-set.ts";
import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { integrityGate, policyGate, qualityGate } from "../../../../../domain/gates/evaluate.ts";
import { provesFix } from "../../../../../domain/gates/tests.ts";
import { runBranchName } from "../../../../../domain/patch-set/branch-name.ts";
import {
  patchSetHash,
  proposalHash,
  sortChanges,
  type ProposedText,
} from "../../../../../domain/patch-set/content-hash.ts";
import {
  lawfulMarkdown,
  lawfulTitle,
  maxSummaryCharacters,
  summaryCut,
} from "../../../../../domain/text/forge-text.ts";
import type { Companion } from "../../../../../contracts/lane.ts";
import { isReadable } from "../../../../../domain/patch-set/content.ts";
import { lineStat } from "../../../../../domain/patch-set/text.ts";
import type { TreeChange } from "../../../../../domain/patch-set/types.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import { shownName } from "../../../../../domain/policy/shown-name.ts";
import type { PolicyInput, PolicyViolation } from "../../../../../domain/policy/types.ts";
import { companionsOf } from "../../../../../domain/run/companions.ts";
import { applyEvent, type RunView } from "../../../../../domain/run/fold.ts";
import { isRejected, waitsForDecision, type LaneView } from "../../../../../domain/run/lane-view.ts";
import { chosenLanes, deliveredLanes } from "../../../../../domain/run/lanes.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { coAuthorsOf } from "../co-authors.ts";
import { facts } from "../facts.ts";
import { judgeChanges, type Judgement } from "../judge.ts";
import { move, type Moved } from "../../../../../domain/run/move.ts";
import { isProposedWork } from "../proposed-work.ts";
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
  const changing = candidates.filter(
    ({ changes, lane }) => changes.length > 0 && !staysRejected(context, lane, changes),
  );
  const versions = await compareVersions(context, candidates);
  const events: NewRunEvent[] = [...versions.events, ...candidates.flatMap(withdrawal)];
  const patchSets: { hash: string; changes: readonly TreeChange[] }[] = [];
  const baseBlobs = new Map(versions.baseBlobs);
  const delivered = changing.map(({ lane }) => lane);
  const coAuthors = changing.length === 0 ? [] : await coAuthorsOf(context);
  for (const { changes, lane } of changing) {
    const companions = companionsOf(lane, delivered, chosenLanes(view));
    if (keepsPatchSet(context, lane, changes, companions)) continue;
    const text = { ...textOf(context, lane), coAuthors };
    const hash = proposalHash(patchSetHash(lane.id, baseCommitOf(lane), changes, companions), text);
    const judged = await judgeChanges(context, lane, changes);
    for (const [blob, bytes] of judged.baseBlobs) baseBlobs.set(blob, bytes);
    patchSets.push({ hash, changes });
    events.push(...proposal(context, { lane, hash, text, companions, judged, warnings: versions.warnings }));
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
function keepsPatchSet(
  context: StepContext,
  lane: LaneView,
  changes: readonly TreeChange[],
  companions: readonly Companion[],
): boolean {
  const { journal } = context;
  const view = journal.view();
  if (lane.patchSet === undefined || lane.approval?.decision === "request_changes") return false;
  if (!isProposedWork(journal, lane, changes, companions)) return false;
  // Until a person has decided, the text of the pull request follows the coder's newest report.
  const isReworded = lane.patchSet.title !== titleOf(view) || lane.patchSet.summary !== summaryOf(view);
  return lane.approval !== undefined || !isReworded;
}

/** Whether a person has left out this very work. */
function staysRejected({ journal }: StepContext, lane: LaneView, changes: readonly TreeChange[]): boolean {
  return isRejected(lane) && isProposedWork(journal, lane, changes);
}

/** A patch set whose lane no longer changes anything no longer waits; one that was written stays. */
function withdrawal({ changes, lane }: Candidate): readonly NewRunEvent[] {
  if (changes.length > 0 || lane.patchSet === undefined || lane.pullRequest !== undefined) return [];
  return [{ type: "patch_set.withdrawn", data: { repositoryId: lane.id, hash: lane.patchSet.hash } }];
}

/** The name, branch and words under which the next version of a lane's patch set is written. */
function textOf({ journal }: StepContext, lane: LaneView): Omit<ProposedText, "coAuthors"> {
  const view = journal.view();
  const version = lane.patchSetCount + 1;
  const title = titleOf(view);
  return {
    version,
    title,
    summary: summaryOf(view),
    // A pull request of this run is brought up to date, not opened a second time.
    headBranch: lane.pullRequest?.branch ?? runBranchName(journal.spec.runId, title, version),
    parentCommit: lane.pullRequest?.commit ?? null,
  };
}

interface Proposal {
  readonly lane: LaneView;
  readonly hash: string;
  readonly text: ProposedText;
  readonly companions: ReturnType<typeof companionsOf>;
  readonly judged: Judgement;
  readonly warnings: ComparedVersions["warnings"];
}

function proposal(
  { journal }: StepContext,
  { companions, hash, judged, lane, text, warnings }: Proposal,
): readonly NewRunEvent[] {
  const view = journal.view();
  const repositoryId = lane.id;
  const violations = [...judged.violations, ...(warnings.get(lane.id) ?? [])].map(shownViolation);
  return [
    {
      type: "patch_set.proposed",
      data: {
        hash,
        repositoryId,
        baseCommit: baseCommitOf(lane),
        ...text,
        coAuthors: [...text.coAuthors],
        tasks: [...(facts.finishedTasks.read(journal) ?? [])],
        patches: judged.inputs.map(summarise),
        companions: [...companions],
      },
    },
    {
      type: "gate.evaluated",
      data: { repositoryId, ...integrityGate(hash, judged.inputs.length, judged.problems.map(shownName)) },
    },
    { type: "policy.evaluated", data: { repositoryId, hash, violations } },
    { type: "gate.evaluated", data: { repositoryId, ...policyGate(violations) } },
    {
      type: "gate.evaluated",
      data: { repositoryId, ...qualityGate(view.mode, lane.tests, view.review, isProvenElsewhere(view, lane)) },
    },
  ];
}

function shownViolation(violation: PolicyViolation): PolicyViolation {
  const { message, path } = violation;
  return { ...violation, message: shownName(message), path: path === null ? null : shownName(path) };
}

function isProvenElsewhere(view: RunView, lane: LaneView): boolean {
  return chosenLanes(view).some(({ id, tests }) => id !== lane.id && tests?.after?.exitCode === 0 && provesFix(tests));
}

function titleOf(view: RunView): string {
  return lawfulTitle(redactSecrets(view.report?.title ?? view.created?.title ?? ""));
}

function summaryOf(view: RunView): string {
  return lawfulMarkdown(redactSecrets(view.report?.summary ?? ""), maxSummaryCharacters, summaryCut);
}

function summarise({ after, before, change }: PolicyInput): PatchSummary {
  // Content of the base that is too large to be read can't be shown either.
  const isUnread = change.beforeBlob !== undefined && before === undefined;
  const isBinary = isUnread || [before, after].some((content) => content !== undefined && !isReadable(content));
  const stat = isBinary ? { additions: 0, deletions: 0 } : lineStat(before?.text ?? "", after?.text ?? "");
  return {
    path: shownName(change.path),
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

import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { isBlocked } from "../../../../../domain/policy/evaluate.ts";
import { applyEvent, type RunView } from "../../../../../domain/run/fold.ts";
import type { LaneView } from "../../../../../domain/run/lane-view.ts";
import { hasFolders, laneOf } from "../../../../../domain/run/lanes.ts";
import type { Step } from "../../../../../domain/run/next.ts";
import { nextWrite, type LaneWrite } from "../../../../../domain/run/writes.ts";
import { PortError } from "../../../../ports/errors.ts";
import { isFinalWriteError, WriteRefused, type WriteRequest } from "../../../patch-set/write-gate.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { isCancelling } from "../../../../../domain/run/cancelling.ts";
import { judgeChanges } from "../judge.ts";
import { move } from "../../../../../domain/run/move.ts";
import { pullRequestEvidence } from "../pull-request-body.ts";
import { accessAdvice, forgeWords, writeAdvice } from "../forge-advice.ts";
import { repositoryOf } from "../run-spec.ts";
import { baseCommitOf } from "../workspace.ts";
import { newsBeforeWrite } from "./before-write.ts";

/**
 * One write of one lane's approved patch set. Each is idempotent on the forge, so a write whose reply was lost is done again.
 * After the last one the run goes on to its pull requests.
 */
export async function write(context: StepContext, step: Extract<Step, { kind: "write" }>): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const lane = laneOf(journal.view(), step.repositoryId);
  if (lane.patchSet === undefined) throw new Error("there is no patch set to write");
  const { hash } = lane.patchSet;
  const kind = step.write;
  const announced = facts.writeStarted(hash, kind);
  if (kind === "commit" && announced.read(journal) === undefined) {
    const news = await newsBeforeWrite(context, lane);
    if (news !== undefined) {
      const view = news.events.reduce((seen, event) => applyEvent(seen, { ...event, atMs: 0 }), journal.view());
      journal.commit({ events: [...news.events, move(view, "human_needed", news.cause).event] }, epoch);
      return "again";
    }
  }
  // A cancel that came while the forge was asked ends the run before anything more is written.
  if (isCancelling(journal.view())) return "again";
  if (announced.read(journal) === undefined) {
    const started: NewRunEvent = { type: "write.started", data: { repositoryId: lane.id, kind, hash } };
    journal.commit({ events: [started], facts: announced.write("started") }, epoch);
  }
  try {
    const events = await perform(context, lane, kind, hash);
    const after = events.reduce<RunView>((view, event) => applyEvent(view, { ...event, atMs: 0 }), journal.view());
    const ended = nextWrite(after) === undefined ? [move(after, "pull_request_opened").event] : [];
    journal.commit({ events: [...events, ...ended] }, epoch);
  } catch (error) {
    if (!isFinalWriteError(error)) throw error;
    deps.log("error", "write refused", { runId: journal.spec.runId, kind, detail: String(error) });
    journal.commit({ events: [refusal(journal.view(), lane, kind, error)] }, epoch);
  }
  return "again";
}

/** Moves the run on when a crash came between the last write and the move. */
export function endDelivery({ epoch, journal }: StepContext): StepOutcome {
  journal.commit({ events: [move(journal.view(), "pull_request_opened").event] }, epoch);
  return "again";
}

/** Fails the run when nothing was written yet; else asks a person, because the finished writes are not undone. */
function refusal(view: RunView, lane: LaneView, kind: LaneWrite, error: unknown): NewRunEvent {
  const named = hasFolders(view) ? `${lane.owner}/${lane.name}: ` : "";
  if (!(error instanceof WriteRefused))
    return move(view, "human_needed", `${named}${refusalText(kind, error, `${lane.owner}/${lane.name}`)}`).event;
  const isClean = view.lanes.every(({ writes }) => writes.branch === undefined);
  return isClean
    ? move(view, "failed", `Nothing was written. ${named}${error.message}`).event
    : move(view, "human_needed", `${named}${error.message} Pull requests that were opened before stay open.`).event;
}

/** The advice to a person about a write that the forge refuses. */
function refusalText(kind: LaneWrite, error: unknown, named: string): string {
  const code = error instanceof PortError ? error.code : "";
  const advice = accessAdvice(code, named);
  if (advice !== undefined) return `${advice} The approval is kept.`;
  if (code === "ref_conflict")
    return "The branch has commits that this run did not make, so nothing was written over them. Look at the branch; resume tries again.";
  if (code === "no_workflows_permission")
    return "The patch set changes GitHub workflows, which the GitHub App may not write. Give the App the permission Workflows: read and write, then resume; the approval is kept.";
  const words = error instanceof PortError ? forgeWords(error.message) : "";
  const said = words === "" ? "." : `: "${words}".`;
  return `The forge refused to write the ${kind.replaceAll("_", " ")}${said} ${writeAdvice(words)} The approval is kept.`;
}

async function perform(
  context: StepContext,
  lane: LaneView,
  kind: LaneWrite,
  hash: string,
): Promise<readonly NewRunEvent[]> {
  const { deps } = context;
  const repositoryId = lane.id;
  const request = await writeRequest(context, lane);
  const finishedAs = (done: LaneWrite, reference: string, url: string | null): NewRunEvent => ({
    type: "write.finished",
    data: { repositoryId, kind: done, hash, reference, url },
  });
  const finished = (reference: string, url: string | null): NewRunEvent => finishedAs(kind, reference, url);
  if (kind === "commit") {
    const { commit } = await deps.writeGate.commit(request);
    return [finished(commit, null)];
  }
  const { commit } = lane.writes;
  if (commit === undefined) throw new Error("the commit comes before the branch");
  if (kind === "branch") {
    const written = await deps.writeGate.branch(request, commit);
    const made = finished(written.branch, null);
    // An earlier attempt's branch stands at the commit that it had made; that one counts from here on.
    return written.commit === commit ? [made] : [finishedAs("commit", written.commit, null), made];
  }
  const { branch } = lane.writes;
  if (branch === undefined) throw new Error("the branch comes before the pull request");
  const isUpdate = kind === "pull_request_links" || request.text.parentCommit !== null;
  const pull = await deps.writeGate.pullRequest(request, { branch, isUpdate });
  if (kind === "pull_request_links") return [finished(String(pull.number), pull.url)];
  return [
    finished(String(pull.number), pull.url),
    {
      type: "pull_request.opened",
      data: { repositoryId, number: pull.number, url: pull.url, branch, commit, state: "open" },
    },
  ];
}

/** Everything that the gate judges a write by. Policy is judged again from the bytes; the recorded verdict is not believed. */
async function writeRequest(context: StepContext, lane: LaneView): Promise<WriteRequest> {
  const { journal } = context;
  const { patchSet } = lane;
  if (patchSet === undefined) throw new Error("there is no patch set to write");
  const changes = journal.patchSetChanges(patchSet.hash) ?? [];
  const { violations } = await judgeChanges(context, lane, changes);
  return {
    repository: { ...repositoryOf(journal.spec, lane.id), baseBranch: lane.baseBranch },
    baseCommit: baseCommitOf(lane),
    changes,
    companions: patchSet.companions,
    approval: lane.approval,
    isBlocked: isBlocked(violations),
    text: patchSet,
    evidence: pullRequestEvidence(journal.spec, journal.view(), lane),
  };
}

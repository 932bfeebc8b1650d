import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { Step } from "../../../../../domain/run/next.ts";
import { PortError } from "../../../../ports/errors.ts";
import { isFinalWriteError, WriteRefused, type WriteRequest } from "../../../patch-set/write-gate.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../move.ts";
import { pullRequestBody } from "../pull-request-body.ts";
import { baseCommitOf } from "../workspace.ts";

/**
 * One write of the approved patch set: commit, then branch, then pull request. Each is idempotent on the forge, so a
 * write whose reply was lost is simply done again.
 */
export async function write(context: StepContext, step: Extract<Step, { kind: "write" }>): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const { patchSet } = journal.view();
  if (patchSet === undefined) throw new Error("there is no patch set to write");
  const { hash } = patchSet;
  const kind = step.write;
  if (journal.fact(`write:${hash}:${kind}`) === undefined) {
    journal.commit(
      { events: [{ type: "write.started", data: { kind, hash } }], facts: { [`write:${hash}:${kind}`]: "started" } },
      epoch,
    );
  }
  try {
    const events = await perform(context, kind, hash);
    journal.commit({ events }, epoch);
  } catch (error) {
    if (!isFinalWriteError(error)) throw error;
    deps.log("error", "write refused", { runId: journal.spec.runId, kind, detail: String(error) });
    const [trigger, cause] =
      error instanceof WriteRefused
        ? (["failed", `Nothing was written. ${error.message}`] as const)
        : (["human_needed", refusalText(kind, error)] as const);
    journal.commit({ events: [move(journal.view(), trigger, cause).event] }, epoch);
  }
  return "again";
}

/** What a person can do about a write that the forge refuses. */
function refusalText(kind: string, error: unknown): string {
  const code = error instanceof PortError ? error.code : "";
  if (code === "ref_conflict")
    return "The branch has commits that this run did not make, so nothing was written over them. Look at the branch; resume tries again.";
  if (code === "no_workflows_permission")
    return "The patch set changes GitHub workflows, which the GitHub App may not write. Give the App the permission Workflows: read and write, then resume; what was approved is kept.";
  return `The forge refused to write the ${kind.replace("_", " ")}. What was approved is kept; resume tries again.`;
}

async function perform(
  context: StepContext,
  kind: Extract<Step, { kind: "write" }>["write"],
  hash: string,
): Promise<readonly NewRunEvent[]> {
  const { deps, journal } = context;
  const view = journal.view();
  const request = writeRequest(context);
  const finished = (reference: string, url: string | null): NewRunEvent => ({
    type: "write.finished",
    data: { kind, hash, reference, url },
  });
  if (kind === "commit") {
    const { commit } = await deps.writeGate.commit(request);
    return [finished(commit, null)];
  }
  const commit = view.writes.commit;
  if (commit === undefined) throw new Error("the commit comes before the branch");
  if (kind === "branch") {
    await deps.writeGate.branch(request, commit);
    return [finished(request.headBranch, null)];
  }
  const pull = await deps.writeGate.pullRequest(request);
  return [
    finished(String(pull.number), pull.url),
    {
      type: "pull_request.opened",
      data: { number: pull.number, url: pull.url, branch: request.headBranch, commit, state: "open" },
    },
    move(view, "pull_request_opened").event,
  ];
}

function writeRequest(context: StepContext): WriteRequest {
  const { journal } = context;
  const view = journal.view();
  const { patchSet } = view;
  if (patchSet === undefined) throw new Error("there is no patch set to write");
  return {
    repository: journal.spec.repository,
    baseCommit: baseCommitOf(context),
    changes: journal.patchSetChanges(patchSet.hash) ?? [],
    approval: view.approval,
    isBlocked: view.blocked,
    headBranch: patchSet.headBranch,
    parentCommit: patchSet.parentCommit ?? null,
    title: patchSet.title,
    body: pullRequestBody(journal.spec, view),
    author: journal.spec.author,
  };
}

import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { PatchSummary } from "../../../../../contracts/patch-set.ts";
import { integrityGate, policyGate, qualityGate } from "../../../../../domain/gates/evaluate.ts";
import { applyProblems } from "../../../../../domain/patch-set/apply-check.ts";
import { runBranchName } from "../../../../../domain/patch-set/branch-name.ts";
import { patchSetHash, sortChanges } from "../../../../../domain/patch-set/content-hash.ts";
import { asText, lineStat } from "../../../../../domain/patch-set/text.ts";
import type { TreeChange } from "../../../../../domain/patch-set/types.ts";
import { evaluatePolicy, isBlocked } from "../../../../../domain/policy/evaluate.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import { defaultPolicy } from "../../../../../domain/policy/types.ts";
import { readBack } from "../../../../../domain/read-back.ts";
import { allowedPathsText, forbiddenChanges } from "../constraints.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../move.ts";
import { baseCommitOf, loadBaseBlobs } from "../workspace.ts";

/** Seals the work as a patch set: content hash, integrity against the forge's base tree, policy, gates; then a person is asked. */
export async function propose(context: StepContext): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const view = journal.view();
  const { repository } = journal.spec;
  const baseCommit = baseCommitOf(context);
  const changes = sortChanges(journal.workspace());
  const baseBlobs = await loadBaseBlobs(context, changes);
  const baseText = (change: TreeChange): string | undefined => {
    if (change.beforeBlob === undefined) return undefined;
    const bytes = baseBlobs.get(change.beforeBlob) ?? journal.baseBlob(change.beforeBlob);
    return bytes === undefined ? undefined : asText(bytes);
  };
  const tree = await deps.forge.getTree(repository, baseCommit);
  const problems = applyProblems(
    changes,
    tree.filter((entry) => entry.type !== "tree"),
  );
  const hash = patchSetHash(repository.id, baseCommit, changes);
  const inputs = changes.map((change) => ({
    change,
    beforeText: baseText(change),
    afterText: change.bytes === undefined ? undefined : asText(change.bytes),
  }));
  const violations = [
    ...problems.map((problem) => ({
      rule: "patch-integrity",
      severity: "BLOCK" as const,
      path: null,
      line: null,
      message: problem,
    })),
    ...forbiddenChanges(view, changes).map((path) => ({
      rule: "allowed-paths",
      severity: "BLOCK" as const,
      path,
      line: null,
      message: `The run may change only: ${allowedPathsText(view)}.`,
    })),
    ...evaluatePolicy(defaultPolicy, inputs),
  ];
  const version = view.patchSetCount + 1;
  const title = redactSecrets(view.report?.title ?? view.created?.title ?? "Change")
    .slice(0, 120)
    .toWellFormed();
  const events: NewRunEvent[] = [
    {
      type: "patch_set.proposed",
      data: {
        hash,
        version,
        repositoryId: repository.id,
        baseCommit,
        // A pull request of this run is brought up to date, not opened a second time.
        headBranch: view.pullRequest?.branch ?? runBranchName(journal.spec.runId, title, version),
        parentCommit: view.pullRequest?.commit ?? null,
        title,
        summary: redactSecrets(view.report?.summary ?? ""),
        tasks: readBack(journal.fact("tasks") ?? "[]"),
        patches: inputs.map(({ afterText, beforeText, change }) => summarise(change, beforeText, afterText)),
      },
    },
    { type: "gate.evaluated", data: integrityGate(hash, changes.length, problems) },
    { type: "policy.evaluated", data: { hash, violations } },
    { type: "gate.evaluated", data: policyGate(violations) },
    { type: "gate.evaluated", data: qualityGate(view.mode, view.tests, view.review) },
  ];
  const next = isBlocked(violations)
    ? move(view, "policy_blocked", "Policy blocks this patch set: see its violations.")
    : move(view, "policy_passed");
  journal.commit({ events: [...events, next.event], patchSet: { hash, changes }, baseBlobs }, epoch);
  return "again";
}

function summarise(change: TreeChange, beforeText: string | undefined, afterText: string | undefined): PatchSummary {
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

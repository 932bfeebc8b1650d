import type { ApprovalVerb } from "../contracts/patch-set.ts";
import type { RevisePlan } from "../contracts/plan.ts";
import type { Person } from "../contracts/common.ts";
import type { RunLimits } from "../contracts/run.ts";
import type { SteeringCommand } from "../domain/run/commands/command.ts";
import type { CommandResult } from "../worker/ports/run-host.ts";
import { applyCommand } from "../worker/services/run/commands.ts";
import type { RunJournal } from "../worker/services/run/engine/journal.ts";

/** A decision as a test gives it. */
export interface TestDecision {
  readonly hash: string;
  readonly baseCommit: string;
  readonly decision: ApprovalVerb;
  readonly comment: string;
  readonly by: Person;
  readonly acceptsUnseen?: boolean;
}

function give(journal: RunJournal, by: Person, command: SteeringCommand, nowMs = 0): CommandResult {
  const actor = { kind: "person", ...by } as const;
  const result = applyCommand(journal, { actor, sessionId: 1, requestId: "test" }, command, nowMs);
  return result.ok ? { ok: true } : result;
}

export const cancelRun = (journal: RunJournal, by: Person): CommandResult => give(journal, by, { kind: "cancel" });
export const pauseRun = (journal: RunJournal, by: Person): CommandResult => give(journal, by, { kind: "pause" });
export const resumeRun = (journal: RunJournal, by: Person, nowMs: number): CommandResult =>
  give(journal, by, { kind: "resume" }, nowMs);
export const answerQuestion = (journal: RunJournal, by: Person, text: string): CommandResult =>
  give(journal, by, { kind: "answer", text });
export const sendMessage = (journal: RunJournal, by: Person, messageId: string, text: string): CommandResult =>
  give(journal, by, { kind: "send_message", messageId, text });
export const changeMessage = (journal: RunJournal, by: Person, messageId: string, text: string | null): CommandResult =>
  give(journal, by, { kind: "change_message", messageId, text });
export const setLimits = (journal: RunJournal, by: Person, limits: RunLimits): CommandResult =>
  give(journal, by, { kind: "set_limits", limits });
export const chooseRepositories = (journal: RunJournal, by: Person, repositoryIds: readonly string[]): CommandResult =>
  give(journal, by, { kind: "choose_repositories", repositoryIds, reason: "chosen by a person" });
export const orderLanes = (journal: RunJournal, by: Person, repositoryIds: readonly string[]): CommandResult =>
  give(journal, by, { kind: "order_lanes", repositoryIds });
export const closePullRequest = (
  journal: RunJournal,
  by: Person,
  repositoryId: string,
  deletesBranch: boolean,
): CommandResult =>
  give(journal, by, {
    ...{ kind: "close_pull_request", repositoryId, deletesBranch },
    ...{ by: { kind: "person", ...by }, role: "dev", sessionId: 1 },
  });
export const deleteBranch = (journal: RunJournal, by: Person, repositoryId: string): CommandResult =>
  give(journal, by, {
    ...{ kind: "delete_branch", repositoryId, role: "dev", sessionId: 1 },
    by: { kind: "person", ...by },
  });
export const revisePlan = (journal: RunJournal, by: Person, revision: RevisePlan): CommandResult =>
  give(journal, by, { ...revision, kind: "revise_plan", by: { kind: "person", ...by }, role: "dev", sessionId: 1 });
export const decidePatchSet = (journal: RunJournal, { by, ...decision }: TestDecision, nowMs: number): CommandResult =>
  give(journal, by, { ...decision, kind: "decide", by: { kind: "person", ...by }, role: "dev", sessionId: 1 }, nowMs);

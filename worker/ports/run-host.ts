import type { ErrorCode } from "../../contracts/errors.ts";
import type { Approval, DecidePatchSet } from "../../contracts/patch-set.ts";
import type { AllRunLimits, RunLimits } from "../../contracts/run.ts";
import type { RunFinding } from "../../contracts/operations.ts";
import type { PromptPart, RunEventData } from "../../contracts/run-events.ts";

/** A repository of a run with what reads and writes of it need. */
export interface RunRepository {
  readonly id: string;
  readonly installationId: string;
  readonly owner: string;
  readonly name: string;
  readonly baseBranch: string;
  /** The command that the project sets for its tests; null: it is detected. */
  readonly testCommand: string | null;
}

/** The settings that a run was started with, beside its first event: ids that no event carries. */
export interface RunSpec {
  readonly runId: string;
  readonly tenantId: number;
  /** The repositories that the run was given, as its first event lists them. */
  readonly repositories: readonly RunRepository[];
  readonly ticket: {
    readonly key: string;
    readonly title: string;
    readonly description: string;
    readonly acceptanceCriteria: string;
  } | null;
  readonly projectId: string;
  /** What tenant, project and repository told their agents when the run started. */
  readonly instructions: readonly PromptPart[];
  readonly author: { readonly name: string; readonly email: string };
}

/** What a command to a run answers: done, or the error to show. */
export type CommandResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail: string };

/** Everything that a run begins with. */
export interface RunStart {
  readonly spec: RunSpec;
  readonly created: RunEventData<"run.created">;
  readonly limits: AllRunLimits;
}

/** A decision with who made it. */
export interface PatchSetDecision extends DecidePatchSet {
  readonly hash: string;
  readonly by: Approval["by"];
}

/** A model call with its bodies as JSON; null when there is none, `unavailable` while the blob store that has the bodies does not answer. */
export type ModelCallJson = string | null | { readonly unavailable: true };

/**
 * Where runs live: one single-threaded host per run. JSON answers are passed through as texts, so that a long log is
 * neither parsed nor copied on its way.
 */
export interface RunHost {
  /** Idempotent: a run that has started already is only woken. */
  start(runId: number, start: RunStart): Promise<void>;
  /** Looks for the next step now; for sweeps. Answers false when the run was never started here. */
  wake(runId: number): Promise<boolean>;
  cancel(runId: number, by: Approval["by"]): Promise<CommandResult>;
  resume(runId: number, by: Approval["by"]): Promise<CommandResult>;
  decide(runId: number, decision: PatchSetDecision): Promise<CommandResult>;
  pause(runId: number, by: Approval["by"]): Promise<CommandResult>;
  answer(runId: number, by: Approval["by"], answer: string): Promise<CommandResult>;
  sendMessage(runId: number, by: Approval["by"], messageId: string, text: string): Promise<CommandResult>;
  /** `text` null removes the message. */
  changeMessage(runId: number, by: Approval["by"], messageId: string, text: string | null): Promise<CommandResult>;
  setLimits(runId: number, by: Approval["by"], limits: RunLimits): Promise<CommandResult>;
  /** `{items: ModelCall[]}`, in order. */
  modelCallsJson(runId: number): Promise<string>;
  /** `{call, request, answer}` of one model call. */
  modelCallJson(runId: number, callId: string): Promise<ModelCallJson>;
  /** `{items: RunEvent[], headSeq}`: events after `since`, at most `limit`. */
  eventsJson(runId: number, since: number, limit: number): Promise<string>;
  /** `{items: PatchSet[]}`, newest first. */
  patchSetsJson(runId: number): Promise<string>;
  /** A PatchContent, or null when there is no such patch set or path. */
  patchContentJson(runId: number, hash: string, path: string): Promise<string | null>;
  /** A PullFiles: what the pull request under review changes; empty when none is. */
  pullFilesJson(runId: number): Promise<string>;
  /** A Ledger. */
  ledgerJson(runId: number): Promise<string>;
  /** Closes the sockets that a session opened on the run. */
  closeSockets(runId: number, sessionKey: string): Promise<void>;
  /** Checks the run's storage and its row against each other and, when told, writes a row that differs. Undefined: never started here. */
  checkProjection(runId: number, write: boolean): Promise<RunFinding | undefined>;
  /** Upgrades to the run's socket, from event `since` on. `sessionKey` names the session that must not end before it. */
  socket(runId: number, request: Request, since: number, sessionKey: string): Promise<Response>;
}

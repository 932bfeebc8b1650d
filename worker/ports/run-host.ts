import type { SandboxSettings } from "../../contracts/sandbox.ts";
import type { Actor } from "../../contracts/actor.ts";
import type { ErrorCode } from "../../contracts/errors.ts";
import type { AllRunLimits } from "../../contracts/run.ts";
import type { PromptPart, RunEventData } from "../../contracts/run-events.ts";
import type { SteeringCommand } from "../../domain/run/commands/command.ts";

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
  /** The project's sandbox settings when the run started. */
  readonly sandbox: SandboxSettings;
  /** The instructions of tenant, project and repository when the run started. */
  readonly instructions: readonly PromptPart[];
  readonly author: { readonly name: string; readonly email: string };
  /** The run that started this one; absent when a person did. It is woken when this one waits or has ended. */
  readonly parentRunId?: string;
  /** Absent in a run whose row was written before its object was started. */
  readonly row?: RunRowOrigin;
}

/** The places of a run's row: its tenant, its project and its number. */
export interface RunPlace {
  readonly tenantId: number;
  readonly projectId: number;
  readonly id: number;
}

/** The columns of a run's row that no event has. The run's object writes the row with them. */
export interface RunRowOrigin {
  readonly ticketId: number | null;
  readonly repositoryId: number;
  readonly baseBranch: string;
  /** The person who started it; null when another actor did. */
  readonly startedBy: number | null;
  readonly startedByActor: Actor | null;
  readonly idempotencyKey: string | null;
  readonly options: Pick<RunEventData<"run.created">, "constraints" | "images" | "choice" | "delivery"> & {
    /** Ids of the run's repositories, in the order in which they were named. */
    readonly repositoryIds: readonly number[];
  };
  /** The limits that it was started with; null where there is none. */
  readonly limitCostMicros: number | null;
  readonly limitWallTimeMs: number | null;
  readonly limitStageTurns: number | null;
  readonly limitStageWallTimeMs: number | null;
  /** UTC milliseconds. */
  readonly createdAtMs: number;
}

/** Everything that a run begins with. */
export interface RunStart {
  readonly spec: RunSpec;
  readonly created: RunEventData<"run.created">;
  readonly limits: AllRunLimits;
}

/** The actor of a command, as its audit entry names it. */
export interface Caller {
  readonly actor: Actor;
  /** The session that a person acts through; null for all others. */
  readonly sessionId: number | null;
  readonly requestId: string;
}

/** The product itself as a caller; `name` is the part of it. */
export function systemCaller(name: string): Caller {
  return { actor: { kind: "system", name }, sessionId: null, requestId: "" };
}

/** Everything that can be asked of a run that may change it. */
export type RunCommand =
  /** Begins the run, once: a run that has started already is only woken, and the answer has `existed`. */
  | { readonly kind: "start"; readonly start: RunStart }
  /** Writes the run's row now unless it is there, and answers when it is. Throws what the database throws. */
  | { readonly kind: "write_row" }
  /** Looks for the next step now. */
  | { readonly kind: "wake" }
  /** Tries parked effects again. */
  | { readonly kind: "retry_effects" }
  /** Closes the sockets that a session has opened on the run. */
  | { readonly kind: "close_sockets"; readonly sessionKey: string }
  | SteeringCommand;

/**
 * The result of a command: done, or the error to show. A run that was never started here answers `conflict` to every command but
 * `start` and `close_sockets`. `messageId` is that of a message that was sent; `existed` says that a start found the run begun.
 */
export type CommandResult =
  | { readonly ok: true; readonly messageId?: string; readonly existed?: true }
  | { readonly ok: false; readonly code: ErrorCode; readonly detail: string };

/** Everything that can be read of a run. The answer is JSON text, which is passed on without being parsed. */
export type RunQuery =
  /** `{items: RunEvent[], headSeq}`: events after `since`, at most `limit`. */
  | { readonly kind: "events"; readonly since: number; readonly limit: number }
  /** A RunProjection: the columns of the run's row at its newest event; null when the run was never started here. */
  | { readonly kind: "row" }
  /** `{items: PatchSet[]}`, newest first. */
  | { readonly kind: "patch_sets" }
  /** A PatchContent; null when there is no such patch set or path. */
  | { readonly kind: "patch_content"; readonly hash: string; readonly path: string }
  /** A PullFiles: the changes of the pull request under review; empty when none is. */
  | { readonly kind: "pull_files" }
  /** A Ledger. */
  | { readonly kind: "ledger" }
  /** `{items: ModelCall[]}`, in order. */
  | { readonly kind: "model_calls" }
  /** `{call, request, answer}`; null when there is no such call. */
  | { readonly kind: "model_call"; readonly callId: string }
  /** A RunEffects: the effects that are pending or parked. */
  | { readonly kind: "effects" }
  /** A RunFinding; null when the run was never started here. With `write` a row that differs is written. */
  | { readonly kind: "projection_check"; readonly write: boolean };

/** A query's JSON text, or null when there is nothing of that name; `unavailable` while a store that has it does not answer. */
export type RunAnswer = string | null | { readonly unavailable: true };

/** The runs' hosts: one single-threaded host per run. */
export interface RunHost {
  command(runId: number, caller: Caller, command: RunCommand): Promise<CommandResult>;
  /** Throws whatever the database throws for `projection_check`. */
  read(runId: number, query: RunQuery): Promise<RunAnswer>;
  /** Upgrades to the run's socket, from event `since` on. `sessionKey` names the session that must not end before it. */
  socket(runId: number, request: Request, since: number, sessionKey: string): Promise<Response>;
}

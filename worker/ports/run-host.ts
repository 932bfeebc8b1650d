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
  /** The forge's numeric id; empty in a run that was stored without it. */
  readonly externalId: string;
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
    /** The version of its ticket that it was started on. */
    readonly ticketVersion?: number;
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

/** Lets the session that starts a run open its first socket, once and within seconds, without the database being asked again. */
export interface SocketGrant {
  /** Random; the run's host forgets it with its first use. */
  readonly key: string;
  readonly sessionKey: string;
  /** When the session expires, in UTC milliseconds. */
  readonly expiresAtMs: number;
}

/** How long a grant counts, in ms. */
export const socketGrantMs = 5_000;

/** Everything that can be asked of a run that may change it. */
export type RunCommand =
  /**
   * Begins the run, once: a run that has started already is only woken, and the answer has `existed`. `workAfterMs` is for how long its
   * first step waits.
   */
  | { readonly kind: "start"; readonly start: RunStart; readonly grant?: SocketGrant; readonly workAfterMs?: number }
  /** Writes the run's row now unless it is there, and answers when it is. Throws what the database throws. */
  | { readonly kind: "write_row" }
  /** Looks for the next step now. */
  | { readonly kind: "wake" }
  /**
   * Looks at the run's pull requests: a run that works does so with its next step, one that has ended records what is new. Answers
   * `unavailable` while the forge can't be asked.
   */
  | { readonly kind: "look_at_pulls" }
  /** Tries parked effects again. */
  | { readonly kind: "retry_effects" }
  /** Closes the sockets that a session has opened on the run: it has ended, or its person may no longer read the run. */
  | {
      readonly kind: "close_sockets";
      readonly sessionKey: string;
      readonly reason: "signed_out" | "expired" | "forbidden";
    }
  | SteeringCommand;

/** The command that begins a run. */
export type StartCommand = Extract<RunCommand, { readonly kind: "start" }>;

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
  /** A PullRequestText; null when the patch set is none of the newest. */
  | { readonly kind: "pull_request_text"; readonly hash: string }
  /** A PullFiles: the changes of the pull request under review; empty when none is. */
  | { readonly kind: "pull_files" }
  /** A Ledger. */
  | { readonly kind: "ledger" }
  /** `{items: ModelCall[]}`, in order. */
  | { readonly kind: "model_calls" }
  /** `{call, request, answer}`; null when there is no such call. */
  | { readonly kind: "model_call"; readonly callId: string }
  /** A JSON array: the ids of the sandboxes that the run may be using now; null when the run was never started here. */
  | { readonly kind: "sandboxes" }
  /** A RunEffects: the effects that are pending or parked. */
  | { readonly kind: "effects" }
  /** A RunFinding; null when the run was never started here. With `write` a row that differs is written. */
  | { readonly kind: "projection_check"; readonly write: boolean };

/** A query's JSON text, or null when there is nothing of that name; `unavailable` while a store that has it does not answer. */
export type RunAnswer = string | null | { readonly unavailable: true };

/** A socket's beginning: it gets the events after `since`, and the session named by the key, which expires at that UTC time, must not end before it. */
export interface SocketStart {
  readonly since: number;
  readonly sessionKey: string;
  readonly expiresAtMs: number;
}

/** A session that lives, and whether its person belongs to the tenant that was asked about. */
export interface SessionAccess {
  readonly sessionId: number;
  readonly isMember: boolean;
}

/** The runs' hosts: one single-threaded host per run. */
export interface RunHost {
  command(runId: number, caller: Caller, command: RunCommand): Promise<CommandResult>;
  /** Throws whatever the database throws for `projection_check`. */
  read(runId: number, query: RunQuery): Promise<RunAnswer>;
  /** Upgrades to the run's socket; it is closed when the session ends. */
  socket(runId: number, request: Request, opening: SocketStart): Promise<Response>;
  /** The same for a grant's key; 401 for a key that the run's host does not know, or not any more. */
  grantedSocket(
    runId: number,
    request: Request,
    opening: { readonly since: number; readonly grantKey: string },
  ): Promise<Response>;
}

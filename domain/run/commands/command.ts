import type { Actor, PersonActor } from "../../../contracts/actor.ts";
import type { Role } from "../../../contracts/common.ts";
import type { ErrorCode } from "../../../contracts/errors.ts";
import type { DecidePatchSet } from "../../../contracts/patch-set.ts";
import type { RevisePlan } from "../../../contracts/plan.ts";
import type { NewRunEvent } from "../../../contracts/run-events.ts";
import type { RunLimits } from "../../../contracts/run.ts";
import type { RunView } from "../view.ts";

/** The data of each command that steers a run. */
export interface CommandData {
  readonly cancel: unknown;
  readonly pause: unknown;
  readonly resume: unknown;
  readonly answer: { readonly text: string };
  readonly send_message: {
    readonly messageId: string;
    readonly text: string;
    /** The client's own key: the same key again stores nothing and answers with the first message's id. */
    readonly idempotencyKey?: string | undefined;
  };
  /** `text` null removes the message. */
  readonly change_message: { readonly messageId: string; readonly text: string | null };
  readonly set_limits: { readonly limits: RunLimits };
  /** The repositories that the run works on from now on, of those that it was given. */
  readonly choose_repositories: { readonly repositoryIds: readonly string[]; readonly reason: string };
  /** The order in which the lanes are written, where they depend on each other. */
  readonly order_lanes: { readonly repositoryIds: readonly string[] };
  /** Closes the pull request that the ended run left in a repository, and may delete its branch. Only a person does. */
  readonly close_pull_request: {
    readonly repositoryId: string;
    readonly deletesBranch: boolean;
    readonly by: PersonActor;
    readonly role: Role;
    readonly sessionId: number;
  };
  /** Deletes the branch that the ended run left in a repository without a pull request. Only a person does. */
  readonly delete_branch: Omit<CommandData["close_pull_request"], "deletesBranch">;
  /** Another plan in the place of the one that waits. Only a person does. */
  readonly revise_plan: RevisePlan & { readonly by: PersonActor; readonly role: Role; readonly sessionId: number };
  /** A decision on what waits, by the hash and base that the person saw. Only a person decides. */
  readonly decide: DecidePatchSet & {
    readonly hash: string;
    readonly by: PersonActor;
    readonly role: Role;
    readonly sessionId: number;
  };
}

export type SteeringKind = keyof CommandData;
export type CommandOf<K extends SteeringKind> = { [P in K]: { readonly kind: P } & CommandData[P] }[K];

/** The commands that steer a run: each becomes events, or is refused. */
export type SteeringCommand = CommandOf<SteeringKind>;

/** A message for a conversation of the run, stored with the events. */
export interface DecidedMessage {
  readonly conversation: string;
  readonly message: {
    readonly role: "user";
    readonly blocks: readonly { readonly type: "text"; readonly text: string }[];
  };
}

/** Why a command is refused. `events` record the refusal; nothing else is stored. */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly events?: readonly NewRunEvent[];
}

/** The result of a command: everything is stored at once, or the command is refused. */
export type Decision =
  | {
      readonly ok: true;
      readonly events: readonly NewRunEvent[];
      readonly messages?: readonly DecidedMessage[];
      /** Small facts by name; null removes one. */
      readonly facts?: Readonly<Record<string, string | null>>;
    }
  | Refusal;

/** Decides on a command from the view, the actor and the time in UTC milliseconds. */
export type Decide<K extends SteeringKind> = (
  view: RunView,
  command: CommandOf<K>,
  actor: Actor,
  nowMs: number,
) => Decision;

/** A refusal with its error code and a sentence for the one who asked. */
export function refuse(code: ErrorCode, detail: string): Refusal {
  return { ok: false, code, detail };
}

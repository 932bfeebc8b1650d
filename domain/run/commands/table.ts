import type { Actor } from "../../../contracts/actor.ts";
import type { RunMode } from "../../../contracts/run.ts";
import { runPermissions, type PermissionName } from "../../tenancy/permissions.ts";
import type { AuditEffect } from "../effects.ts";
import type { RunView } from "../view.ts";
import type { CommandOf, Decide, Decision, SteeringKind } from "./command.ts";
import { decide } from "./decide.ts";
import { changeMessage, sendMessage } from "./messages.ts";
import { answer, cancel, pause, resume, setLimits } from "./steer.ts";

/** All that a command is, beside its type. */
interface CommandRule<K extends SteeringKind> {
  readonly permission: (mode: RunMode) => PermissionName;
  readonly decide: Decide<K>;
  /** True when the step that is under way belongs to the state that was: it is aborted and its result is not taken. */
  readonly aborts: boolean;
  readonly audit: (command: CommandOf<K>, view: RunView) => Pick<AuditEffect, "action" | "data">;
}

const steering = (mode: RunMode): PermissionName => runPermissions(mode).steer;

/** Every command that steers a run. */
export const commands: { readonly [K in SteeringKind]: CommandRule<K> } = {
  cancel: {
    permission: steering,
    decide: cancel,
    aborts: true,
    audit: () => ({ action: "run.cancelled", data: {} }),
  },
  pause: { permission: steering, decide: pause, aborts: true, audit: () => ({ action: "run.paused", data: {} }) },
  resume: { permission: steering, decide: resume, aborts: true, audit: () => ({ action: "run.resumed", data: {} }) },
  answer: { permission: steering, decide: answer, aborts: true, audit: () => ({ action: "run.answered", data: {} }) },
  send_message: {
    permission: steering,
    decide: sendMessage,
    // Messages and limits count from the next step on.
    aborts: false,
    audit: ({ messageId }) => ({ action: "run.message_sent", data: { messageId } }),
  },
  change_message: {
    permission: steering,
    decide: changeMessage,
    aborts: false,
    audit: ({ messageId, text }) => ({
      action: text === null ? "run.message_removed" : "run.message_edited",
      data: { messageId },
    }),
  },
  set_limits: {
    permission: () => "run.set_limits",
    decide: setLimits,
    aborts: false,
    audit: ({ limits }) => ({ action: "run.limits_set", data: { ...limits } }),
  },
  decide: {
    permission: () => "patch_set.decide",
    decide,
    aborts: true,
    audit: ({ baseCommit, decision, hash, role }, { mode }) => ({
      action: `${mode === "review" ? "review" : "patch_set"}.${decision}`,
      data: { hash, baseCommit, role },
    }),
  },
};

/** What a command makes of the run, from the view, the actor and the time in UTC milliseconds. */
export function decideCommand<K extends SteeringKind>(
  view: RunView,
  command: CommandOf<K>,
  actor: Actor,
  nowMs: number,
): Decision {
  return commands[command.kind].decide(view, command, actor, nowMs);
}

/** The audit entry of a command that was taken. */
export function auditOfCommand<K extends SteeringKind>(
  command: CommandOf<K>,
  view: RunView,
): Pick<AuditEffect, "action" | "data"> {
  return commands[command.kind].audit(command, view);
}

import type { Actor } from "../../../contracts/actor.ts";
import type { RunMode } from "../../../contracts/run.ts";
import { mayBeWriting } from "../cancelling.ts";
import type { PermissionName } from "../../tenancy/permissions.ts";
import type { AuditEffect } from "../effects.ts";
import type { RunView } from "../view.ts";
import { modes } from "../modes.ts";
import type { CommandOf, Decide, Decision, SteeringKind } from "./command.ts";
import { closePullRequest } from "./close-pull.ts";
import { decide } from "./decide.ts";
import { deleteBranch } from "./delete-branch.ts";
import { chooseRepositories, orderLanes } from "./lanes.ts";
import { changeMessage, sendMessage } from "./messages.ts";
import { isRevised, revisePlan } from "./revise-plan.ts";
import { answer, cancel, pause, resume, setLimits } from "./steer.ts";

/** The rules of one command. */
interface CommandRule<K extends SteeringKind> {
  readonly permission: (mode: RunMode) => PermissionName;
  readonly decide: Decide<K>;
  /** Whether the run is so already, as after a reply that was lost: then the command is answered as taken, and nothing is stored. */
  readonly isDone?: (view: RunView, command: CommandOf<K>) => boolean;
  /** True when the step that is under way belongs to the state that was: it is aborted and its result is not taken. */
  readonly aborts: boolean | ((before: RunView) => boolean);
  readonly audit: (command: CommandOf<K>, view: RunView) => Pick<AuditEffect, "action" | "data">;
}

const steering = (mode: RunMode): PermissionName => modes[mode].permissions.steer;

/** Every command that steers a run. */
export const commands: { readonly [K in SteeringKind]: CommandRule<K> } = {
  cancel: {
    permission: steering,
    decide: cancel,
    // A write that is under way ends by itself and is recorded.
    aborts: (before) => !mayBeWriting(before),
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
  choose_repositories: {
    permission: () => "run.choose_repositories",
    decide: chooseRepositories,
    aborts: true,
    audit: ({ repositoryIds }) => ({ action: "run.repositories_chosen", data: { repositoryIds } }),
  },
  order_lanes: {
    permission: () => "run.choose_repositories",
    decide: orderLanes,
    aborts: false,
    audit: ({ repositoryIds }) => ({ action: "run.lanes_ordered", data: { repositoryIds } }),
  },
  close_pull_request: {
    permission: () => "pull_request.close",
    decide: closePullRequest,
    // The close of another repository's pull request goes on beside it.
    aborts: () => false,
    audit: ({ deletesBranch, repositoryId, role }) => ({
      action: "pull_request.close_requested",
      data: { repositoryId, deletesBranch, role },
    }),
  },
  delete_branch: {
    permission: () => "pull_request.close",
    decide: deleteBranch,
    aborts: () => false,
    audit: ({ repositoryId, role }) => ({ action: "branch.delete_requested", data: { repositoryId, role } }),
  },
  revise_plan: {
    permission: () => "patch_set.decide",
    decide: revisePlan,
    isDone: isRevised,
    // No step is under way while a plan waits.
    aborts: false,
    audit: ({ baseHash, plan, role }) => ({
      action: "plan.revised",
      data: { baseHash, items: plan.tasks.length, role },
    }),
  },
  decide: {
    permission: () => "patch_set.decide",
    decide,
    aborts: true,
    audit: ({ baseCommit, decision, hash, role }, { mode }) => ({
      action: `${modes[mode].auditSubject}.${decision}`,
      data: { hash, baseCommit, role },
    }),
  },
};

/** Whether a command, given in this view, aborts the step that is under way; undefined when the next step need not be looked for either. */
export function abortsStep(kind: SteeringKind, before: RunView): boolean | undefined {
  const { aborts } = commands[kind];
  if (aborts === false) return undefined;
  return aborts === true || aborts(before);
}

/** Whether a command was taken before and left the run as it is now. */
export function isCommandDone<K extends SteeringKind>(view: RunView, command: CommandOf<K>): boolean {
  return commands[command.kind].isDone?.(view, command) ?? false;
}

/** Decides on a command, from the view, the actor and the time in UTC milliseconds. */
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

import { modeRequests, type ModeRequest } from "../../contracts/modes.ts";
import { startableModes } from "../../contracts/run-names.ts";
import type { Ticket } from "../../contracts/project.ts";
import type { RunMode, Stage } from "../../contracts/run.ts";
import type { PermissionName } from "../tenancy/permissions.ts";

type TicketType = Ticket["type"];

/** Everything in which one mode differs from another. */
export interface Mode {
  /** The stages that the run walks, in order. */
  readonly stages: readonly Stage[];
  /** The stage that makes the product. A person's request for changes goes back to it, and it keeps one conversation. */
  readonly author: "planner" | "reviewer" | "coder";
  /** The thing that a person approves: a patch set, a plan, or a review of somebody's pull request. */
  readonly product: "patch_set" | "plan" | "review";
  /** The forge object that fixes the run's base commit at the start. */
  readonly start: "branch_head" | "pull_request";
  /** The step that follows an approval. */
  readonly apply: "write_patch_set" | "create_tickets" | "post_review";
  /** Whether a test must fail without the change, so that it proves the bug. */
  readonly needsRegressionTest: boolean;
  /** Sentences that a stage's default prompt has in this mode only. */
  readonly extraInstructions: Readonly<Partial<Record<Stage, readonly string[]>>>;
  /** The permissions to start such a run, and to steer it. */
  readonly permissions: { readonly start: PermissionName; readonly steer: PermissionName };
  /** The word before the dot in the audit entries of decisions. */
  readonly auditSubject: "patch_set" | "review";
  /** The types of tickets whose work a run of this mode does, where nobody has chosen another. */
  readonly ticketTypes: readonly TicketType[];
  /** The parts of the start request that depend on the mode. */
  readonly request: ModeRequest;
}

const makesPatchSet = {
  author: "coder",
  product: "patch_set",
  start: "branch_head",
  apply: "write_patch_set",
  permissions: { start: "run.start", steer: "run.steer" },
  auditSubject: "patch_set",
} as const;

/** Every mode, once. The moves of the state machine follow from it in `table.ts`. */
export const modes: Readonly<Record<RunMode, Mode>> = {
  plan: {
    stages: ["planner"],
    author: "planner",
    product: "plan",
    start: "branch_head",
    apply: "create_tickets",
    needsRegressionTest: false,
    extraInstructions: {
      planner: [
        "The items become tickets of a board. Plan 1 epic, 3 to 7 stories that are parts of it, and 3 to 5 tasks or bugs as parts of each story; fewer for a small request, which may be one story with its tasks.",
        "Put each parent before its parts in the list and name it by its index. Give each item a description and acceptance criteria, an owner_role (pm, dev or qa), and the repository that it changes where there are several. Leave stage out, so that it begins in the backlog, unless the request says otherwise.",
        "A person may change the plan, choose some of its items, and approve it before any ticket is made.",
      ],
    },
    permissions: { start: "run.start", steer: "run.steer" },
    auditSubject: "patch_set",
    ticketTypes: [],
    request: modeRequests.plan,
  },
  implement: {
    ...makesPatchSet,
    stages: ["coder", "reviewer", "tester"],
    needsRegressionTest: false,
    extraInstructions: {},
    ticketTypes: ["epic", "story", "task"],
    request: modeRequests.implement,
  },
  bugfix: {
    ...makesPatchSet,
    stages: ["coder", "reviewer", "tester"],
    needsRegressionTest: true,
    extraInstructions: {
      coder: [
        "This is a bug fix: first write or find a test that fails because of the bug, see it fail, then repair the code until all tests pass.",
      ],
    },
    ticketTypes: ["bug"],
    request: modeRequests.bugfix,
  },
  review: {
    stages: ["reviewer"],
    author: "reviewer",
    product: "review",
    start: "pull_request",
    apply: "post_review",
    needsRegressionTest: false,
    extraInstructions: {},
    permissions: { start: "run.start_review", steer: "run.steer_review" },
    auditSubject: "review",
    ticketTypes: [],
    request: modeRequests.review,
  },
  feature: {
    ...makesPatchSet,
    stages: ["triage", "architect", "planner", "coder", "reviewer", "tester"],
    needsRegressionTest: false,
    extraInstructions: {},
    ticketTypes: [],
    request: modeRequests.feature,
  },
};

/** Whether runs of a mode walk a stage. */
export function hasStage(mode: RunMode, stage: Stage): boolean {
  return modes[mode].stages.includes(stage);
}

/** The mode whose runs do the work of a ticket of this type: each type has one. */
export function modeOfTicket(type: TicketType): (typeof startableModes)[number] {
  const mode = startableModes.find((each) => modes[each].ticketTypes.includes(type));
  if (mode === undefined) throw new Error(`no mode does the work of a ${type}`);
  return mode;
}

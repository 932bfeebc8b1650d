import type { RunEvent, RunEventType } from "../../contracts/run-events.ts";
import { eventVersion } from "../../contracts/run-event-versions.ts";

/** An event as it was stored, in whatever version. */
export interface StoredEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly v: number;
  readonly type: string;
  readonly data: unknown;
}

/** Facts about the log that an upgrade needs: runs whose first event is of version 1 have exactly one repository. */
export interface UpgradeContext {
  /** The id of that repository. */
  readonly repositoryId: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Upgrade = (data: Fields, context: UpgradeContext) => Fields;

const inLane: Upgrade = (data, { repositoryId }) => ({ repositoryId, ...data });
const byPerson: Upgrade = (data) => ({ ...data, by: asPerson(data["by"]) });

/**
 * From version 1 of a payload to version 2. Fields that version 1 got later have their defaults here too, since its older
 * events lack them.
 */
const toVersion2: Partial<Record<RunEventType, Upgrade>> = {
  "run.created": ({ repository, startedBy, ...data }) => ({
    reviewOf: null,
    images: [],
    constraints: null,
    ...data,
    repositories: [{ ...sourceOf(repository), folder: "", dependsOn: [] }],
    choice: "fixed",
    delivery: "all_or_none",
    startedBy: asPerson(startedBy),
  }),
  "stage.finished": (data) => ({ report: null, ...data }),
  "turn.finished": (data) => ({ callId: null, ...data }),
  "tool.finished": (data) => ({ misfit: false, ...data }),
  "workspace.saved": inLane,
  "tests.reported": (data, context) => inLane({ cases: null, ...data }, context),
  "review.submitted": (data) => ({
    ...data,
    findings: listOf(data["findings"]).map((finding) => ({ endLine: null, suggestion: null, ...finding })),
  }),
  "patch_set.proposed": (data) => ({ tasks: [], parentCommit: null, companions: [], ...data }),
  "policy.evaluated": inLane,
  "gate.evaluated": (data, { repositoryId }) => ({
    repositoryId: data["gate"] === "G0" || data["gate"] === "G1" ? null : repositoryId,
    ...data,
  }),
  // A plan's or a review's decision belongs to the run; the fold knows by the hash which one it is.
  "approval.decided": (data, { repositoryId }) => ({
    repositoryId,
    role: null,
    sessionId: null,
    ...data,
    by: asPerson(data["by"]),
  }),
  "write.started": (data, context) =>
    data["kind"] === "review" ? { repositoryId: null, ...data } : inLane(data, context),
  "write.finished": (data, context) =>
    data["kind"] === "review" ? { repositoryId: null, ...data } : inLane(data, context),
  "pull_request.opened": inLane,
  "ci.updated": inLane,
  "run.paused": byPerson,
  "run.unpaused": byPerson,
  "message.queued": byPerson,
  "message.edited": byPerson,
  "message.removed": byPerson,
  "question.answered": byPerson,
  "proposal.made": (data) => ({ review: null, ...data }),
  "limits.set": (data) => ({
    stageTurns: null,
    stageWallTimeMs: null,
    ...data,
    by: data["by"] === null ? null : asPerson(data["by"]),
  }),
  "context.compacted": (data) => ({
    by: "rule",
    how: "cleared",
    summary: "",
    ...data,
    call: typeof data["call"] === "object" && data["call"] !== null ? { callId: null, ...data["call"] } : null,
  }),
};

/** From version 2 of a payload to version 3, of those that changed twice. */
const toVersion3: Partial<Record<RunEventType, Upgrade>> = {
  // Earlier versions did not count the tests, nor run the base's own ones against the patch.
  "tests.reported": (data) => ({
    held: null,
    findings: [],
    ...data,
    before: uncounted(data["before"]),
    after: uncounted(data["after"]),
  }),
  "tool.finished": ({ misfit, ...data }) => ({ ...data, invalidReport: misfit }),
  // Commits had an author of the product's and no co-authors.
  "patch_set.proposed": (data) => ({ coAuthors: [], ...data }),
  // Only workflow runs were asked for.
  "ci.updated": ({ workflowRunId, ...data }) => ({
    ...data,
    checkId: workflowRunId,
    source: "workflow_run",
    appId: null,
    isSuperseded: false,
  }),
};

/** The upgrades by the version that they lead to, oldest first. */
const upgrades = [
  { to: 2, by: toVersion2 },
  { to: 3, by: toVersion3 },
] as const;

/** Whether a stored event is in an older version than today's code writes. */
export function isOlder(type: string, version: number): boolean {
  return version < eventVersion(type as RunEventType);
}

/** A stored event as today's code and today's clients read it. Total: it returns an event of today's version unchanged. */
export function upgradeEvent(event: StoredEvent, context: UpgradeContext): RunEvent {
  if (!isOlder(event.type, event.v)) return event as RunEvent;
  const type = event.type as RunEventType;
  let data = event.data as Fields;
  for (const { by, to } of upgrades) if (event.v < to) data = by[type]?.(data, context) ?? data;
  return { ...event, type, v: eventVersion(type), data } as RunEvent;
}

/** Upgrades a whole log, oldest event first. */
export function* upgradeLog(events: Iterable<StoredEvent>): Generator<RunEvent> {
  let context: UpgradeContext | undefined;
  for (const event of events) {
    context ??= contextOf(event);
    yield upgradeEvent(event, context);
  }
}

/** The context of a log, from its first event. */
export function contextOf(first: Pick<StoredEvent, "data">): UpgradeContext {
  const data = first.data as {
    readonly repository?: { readonly id: string };
    readonly repositories?: readonly { readonly id: string }[];
  };
  return { repositoryId: data.repository?.id ?? data.repositories?.[0]?.id ?? "" };
}

/** The upgrades' code, by which a stored view is recognised as made by this fold. */
export const upgradeSources: readonly string[] = [
  upgradeEvent.toString(),
  ...upgrades.flatMap(({ by, to }) =>
    Object.entries(by).map(([type, upgrade]) => `${type} ${to} ${upgrade.toString()}`),
  ),
];

function asPerson(value: unknown): Fields {
  return { kind: "person", ...(value as Fields) };
}

function sourceOf(repository: unknown): Fields {
  const { id, owner, name, baseBranch } = repository as Fields;
  return { id, owner, name, baseBranch };
}

function uncounted(suite: unknown): unknown {
  return typeof suite === "object" && suite !== null ? { ran: null, ...suite } : null;
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? (value as readonly Fields[]) : [];
}

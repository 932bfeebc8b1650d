import type { PatchSet } from "../../../../contracts/patch-set.ts";
import type { Review, RunEvent, RunEventData, RunEventType, TestReport } from "../../../../contracts/run-events.ts";
import type { RunState } from "../../../../contracts/run.ts";

/** A stay of the run in one state; `untilMs` is null while it lasts. */
export interface Visit {
  readonly state: RunState;
  readonly fromMs: number;
  readonly untilMs: number | null;
}

/** A write to the forge; `finished` is null until its reply is known. */
export interface Write {
  /** The repository that is written to; null for a review. */
  readonly repositoryId: string | null;
  readonly kind: RunEventData<"write.started">["kind"];
  readonly hash: string;
  readonly finished: { readonly reference: string; readonly url: string | null } | null;
}

/** A stage's whole prompt, part by part. */
export type StagePrompt = RunEventData<"prompt.resolved"> & { readonly atMs: number };

export interface DatedTests {
  readonly repositoryId: string;
  readonly atMs: number;
  readonly report: TestReport;
}

export interface DatedReview {
  readonly atMs: number;
  readonly review: Review;
}

/** A version of the plan; `by` is the person who changed it, null for the agent's own. */
export interface PlanVersion {
  readonly atMs: number;
  readonly artifact: RunEventData<"artifact.created">;
  readonly by: RunEventData<"plan.revised">["by"] | null;
}

/**
 * Lists of past events, oldest first, for the panels that show earlier versions and dates. The run's present state is the domain's view;
 * nothing here decides anything.
 */
export interface RunHistory {
  readonly visits: readonly Visit[];
  /** Every version of each patch set, with its findings and its decision. */
  readonly patchSets: readonly PatchSet[];
  readonly tests: readonly DatedTests[];
  readonly reviews: readonly DatedReview[];
  readonly writes: readonly Write[];
  /** The newest prompt of each attempt of each stage. */
  readonly prompts: readonly StagePrompt[];
  readonly tickets: RunEventData<"tickets.created">["tickets"];
  /** Every version of the plan, by the agent or by a person. */
  readonly plans: readonly PlanVersion[];
  /** Dependencies between repositories that depend on each other in a circle; empty where none do. */
  readonly cycleEdges: RunEventData<"lanes.ordered">["edges"];
  /** The person who paused the run last. */
  readonly pausedBy: string | null;
}

type ListedType =
  | "run.created"
  | "run.state_changed"
  | "run.paused"
  | "lanes.ordered"
  | "patch_set.proposed"
  | "patch_set.withdrawn"
  | "policy.evaluated"
  | "approval.decided"
  | "tests.reported"
  | "review.submitted"
  | "write.started"
  | "write.finished"
  | "prompt.resolved"
  | "artifact.created"
  | "plan.revised"
  | "tickets.created";

const listedTypes: Readonly<Record<ListedType, true>> = {
  "run.created": true,
  "run.state_changed": true,
  "run.paused": true,
  "lanes.ordered": true,
  "patch_set.proposed": true,
  "patch_set.withdrawn": true,
  "policy.evaluated": true,
  "approval.decided": true,
  "tests.reported": true,
  "review.submitted": true,
  "write.started": true,
  "write.finished": true,
  "prompt.resolved": true,
  "artifact.created": true,
  "plan.revised": true,
  "tickets.created": true,
};

/** An event that a list of {@link RunHistory} is made from. */
export type ListedEvent = Extract<RunEvent, { type: ListedType }>;

export function isListed(event: RunEvent): event is ListedEvent {
  const type: RunEventType = event.type;
  return Object.hasOwn(listedTypes, type);
}

/** The lists that these events make. */
export function historyOf(log: readonly ListedEvent[]): RunHistory {
  return {
    visits: visitsOf(log),
    patchSets: patchSetsOf(log),
    tests: eventsOf(log, "tests.reported").map(({ atMs, data }) => ({
      atMs,
      repositoryId: data.repositoryId,
      report: data,
    })),
    reviews: eventsOf(log, "review.submitted").map(({ atMs, data }) => ({ atMs, review: data })),
    writes: writesOf(log),
    prompts: newestEach(
      eventsOf(log, "prompt.resolved").map(({ atMs, data }) => ({ ...data, atMs })),
      ({ stage, attempt }) => `${stage} ${attempt}`,
    ),
    tickets: eventsOf(log, "tickets.created").at(-1)?.data.tickets ?? [],
    plans: plansOf(log),
    cycleEdges: cycleEdgesOf(log),
    pausedBy: eventsOf(log, "run.paused").at(-1)?.data.by.name ?? null,
  };
}

function eventsOf<T extends ListedType>(
  log: readonly ListedEvent[],
  type: T,
): readonly Extract<RunEvent, { type: T }>[] {
  const isOfType = (event: RunEvent): event is Extract<RunEvent, { type: T }> => event.type === type;
  return log.filter(isOfType);
}

/** One value for each key, the newest of each, in the order in which these newest came. */
function newestEach<T>(values: readonly T[], keyOf: (value: T) => string): readonly T[] {
  const last = new Map(values.map((value, index) => [keyOf(value), index]));
  return values.filter((value, index) => last.get(keyOf(value)) === index);
}

function visitsOf(log: readonly ListedEvent[]): readonly Visit[] {
  const entered = log.flatMap((event) =>
    event.type === "run.created"
      ? [{ state: "QUEUED" as const, fromMs: event.atMs }]
      : event.type === "run.state_changed"
        ? [{ state: event.data.to, fromMs: event.atMs }]
        : [],
  );
  return entered.map((visit, index) => ({ ...visit, untilMs: entered[index + 1]?.fromMs ?? null }));
}

function patchSetsOf(log: readonly ListedEvent[]): readonly PatchSet[] {
  const proposed = newestEach(eventsOf(log, "patch_set.proposed"), ({ data }) => data.hash);
  const withdrawn = eventsOf(log, "patch_set.withdrawn");
  return proposed.map(({ atMs, data, seq }, index) => ({
    ...data,
    violations:
      eventsOf(log, "policy.evaluated").findLast((event) => event.data.hash === data.hash)?.data.violations ?? [],
    approval: eventsOf(log, "approval.decided").findLast((event) => event.data.hash === data.hash)?.data ?? null,
    superseded:
      proposed.slice(index + 1).some((later) => later.data.repositoryId === data.repositoryId) ||
      withdrawn.some((event) => event.data.hash === data.hash && event.seq > seq),
    createdAtMs: atMs,
  }));
}

function plansOf(log: readonly ListedEvent[]): readonly PlanVersion[] {
  const revisions = eventsOf(log, "plan.revised");
  return eventsOf(log, "artifact.created")
    .filter(({ data }) => data.kind === "plan")
    .map(({ atMs, data }) => {
      const revision = revisions.find((event) => event.data.version === data.version);
      return { atMs, artifact: data, by: revision?.data.by ?? null };
    });
}

function cycleEdgesOf(log: readonly ListedEvent[]): RunHistory["cycleEdges"] {
  const { cycle = [], edges = [] } = eventsOf(log, "lanes.ordered").at(-1)?.data ?? {};
  return edges.filter(({ from, to }) => cycle.includes(from) && cycle.includes(to));
}

function writesOf(log: readonly ListedEvent[]): readonly Write[] {
  const keyOf = (write: Pick<Write, "kind" | "hash">): string => `${write.kind} ${write.hash}`;
  const writes = new Map<string, Write>();
  for (const event of log) {
    if (event.type === "write.started") writes.set(keyOf(event.data), { ...event.data, finished: null });
    if (event.type === "write.finished") {
      const { kind, hash, reference, repositoryId, url } = event.data;
      writes.set(keyOf(event.data), { repositoryId, kind, hash, finished: { reference, url } });
    }
  }
  return [...writes.values()];
}

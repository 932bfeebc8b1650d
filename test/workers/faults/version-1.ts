import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { parseStored } from "../../../domain/parse-stored.ts";
import { runObject } from "./run-world.ts";

/*
 * Puts a run's storage back to how the code before lanes stored it: one repository, payloads of version 1, people without a kind,
 * model calls by their order, one alarm, the work in `workspace`.
 */
type Fields = Readonly<Record<string, unknown>>;
type Downgrade = (data: Fields) => Fields;

/** Tables that came later. `timers` and `outbox` go too: two facts showed which effects were due. */
const laterTables = ["outbox", "timers"] as const;
/** Types of events that came later; a log of the time has a notice in their place, so that the numbers stay dense. */
const laterTypes: ReadonlySet<string> = new Set([
  "repository.inspected",
  "repositories.chosen",
  "lanes.ordered",
  "versions.compared",
  "patch_set.withdrawn",
]);

const without =
  (...names: readonly string[]): Downgrade =>
  (data) =>
    Object.fromEntries(Object.entries(data).filter(([name]) => !names.includes(name)));
const person = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? without("kind")(value as Fields) : value;
const byPerson: Downgrade = (data) => ({ ...data, by: person(data["by"]) });
const noLane = without("repositoryId");

// The hash of a patch set covers its co-authors, which stay for that reason.
const downgrades: Readonly<Record<string, Downgrade>> = {
  "run.created": ({ choice: _choice, delivery: _delivery, repositories, startedBy, ...data }) => {
    const [first] = repositories as readonly Fields[];
    return { ...data, repository: without("folder", "dependsOn")(first ?? {}), startedBy: person(startedBy) };
  },
  "turn.finished": without("callId"),
  "tool.finished": ({ invalidReport, ...data }) => ({ ...data, misfit: invalidReport }),
  "workspace.saved": noLane,
  "tests.reported": without("repositoryId", "held", "findings"),
  "policy.evaluated": noLane,
  "gate.evaluated": noLane,
  "patch_set.proposed": without("companions"),
  "approval.decided": (data) => byPerson(without("repositoryId", "role", "sessionId")(data)),
  "write.started": noLane,
  "write.finished": noLane,
  "pull_request.opened": noLane,
  "ci.updated": ({ checkId, ...data }) => ({
    ...without("repositoryId", "source", "appId", "isSuperseded")(data),
    workflowRunId: checkId,
  }),
  "run.paused": byPerson,
  "run.unpaused": byPerson,
  "message.queued": byPerson,
  "message.edited": byPerson,
  "message.removed": byPerson,
  "question.answered": byPerson,
  "limits.set": byPerson,
};

function downgradedSpec(text: string): string {
  const { repositories, row: _row, sandbox: _sandbox, ...rest } = parseStored<Fields>(text);
  const [{ testCommand = null, ...repository } = {}] = repositories as readonly Fields[];
  return JSON.stringify({ ...rest, repository, testCommand });
}

function downgradeEvents(sql: SqlStorage): void {
  for (const { data, seq, type } of sql
    .exec<{ seq: number; type: string; data: string }>("select seq, type, data from events")
    .toArray()) {
    if (type === "repository.inspected") {
      const { testCommand } = parseStored<{ testCommand: string | null }>(data);
      if (testCommand !== null) sql.exec("insert or replace into facts values ('test_command', ?)", testCommand);
    }
    const [name, payload] = laterTypes.has(type)
      ? ["notice", { level: "info", message: "In place of a later event." }]
      : [type, downgrades[type]?.(parseStored(data)) ?? parseStored<Fields>(data)];
    sql.exec("update events set v = 1, type = ?, data = ? where seq = ?", name, JSON.stringify(payload), seq);
  }
}

/** Stores the run as the code before lanes would have it at this moment, and loses every object's memory. */
export async function storeAsVersion1(id: string): Promise<void> {
  await runInDurableObject(runObject(id), async (_object, { storage }) => {
    const { sql } = storage;
    const spec = sql.exec<{ value: string }>("select value from facts where name = 'spec'").one().value;
    const { n: owes } = sql.exec<{ n: number }>("select count(*) as n from outbox where kind = 'spending'").one();
    sql.exec("update facts set value = ? where name = 'spec'", downgradedSpec(spec));
    sql.exec("delete from facts where name in ('outbox', 'row_written', 'view_snapshot')");
    sql.exec("insert or replace into facts values ('projected_seq', '1')");
    if (owes > 0) sql.exec("insert or replace into facts values ('spending_open', 'yes')");
    downgradeEvents(sql);
    sql.exec("insert into workspace (path, change) select path, change from lane_work");
    sql.exec("drop table lane_work");
    for (const table of laterTables) sql.exec(`drop table ${table}`);
  });
  await abortAllDurableObjects();
}

/** The versions in which the run's events are stored, and whether any row of its storage has the shape of before. */
export async function storedVersions(id: string): Promise<readonly number[]> {
  return runInDurableObject(runObject(id), (_object, { storage }) =>
    storage.sql
      .exec<{ v: number }>("select distinct v from events order by v")
      .toArray()
      .map(({ v }) => v),
  );
}

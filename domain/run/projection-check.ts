import type { LedgerEntry } from "../../contracts/ledger.ts";
import type { RunEvent, RunEventData } from "../../contracts/run-events.ts";
import { canonicalJson } from "../canonical-json.ts";
import { genesisHash, verifyLedger } from "../ledger/chain.ts";
import { fold } from "./fold.ts";
import { projectRun, type RunProjection } from "./projection.ts";
import type { RunView } from "./view.ts";

/** The columns of a run's row that come from its first event; the events are authoritative, as for the projection. */
export type RunOrigin = Pick<
  RunEventData<"run.created">,
  "title" | "mode" | "prompt" | "provider" | "model" | "effort"
>;

/** The columns of a run's row that its events determine, but for the text that is searched. */
export type RunColumns = RunProjection & RunOrigin;
export type RunRow = RunColumns & { readonly searchText: string };

/** A log that can be read more than once; long logs are not held in memory. */
export type EventLog = () => Iterable<RunEvent>;

/** The row that these events make, up to and with number `seq`. Undefined before the first event. */
export function rowOf(log: EventLog, seq: number): RunColumns | undefined {
  let lastSeq = 0;
  let lastAtMs = 0;
  const until = function* (): Generator<RunEvent> {
    for (const event of log()) {
      if (event.seq > seq) return;
      lastSeq = event.seq;
      lastAtMs = event.atMs;
      yield event;
    }
  };
  const view = fold(until());
  if (view.created === undefined) return undefined;
  const { effort, mode, model, prompt, provider, title } = view.created;
  return { ...projectRun(view, lastSeq, lastAtMs), ...{ effort, mode, model, prompt, provider, title } };
}

/**
 * Columns in which a row is not what the events fold to at the number that the row names. A row may be behind, but not wrong; one
 * that names a number which the log does not have is wrong in `headSeq`.
 */
export function wrongColumns(log: EventLog, row: RunRow): readonly (keyof RunColumns)[] {
  const expected = rowOf(log, Math.max(1, row.headSeq));
  if (expected === undefined) return row.state === "QUEUED" && row.headSeq === 0 ? [] : ["headSeq"];
  // A row that was never projected has its own times and no number yet.
  const own: ReadonlySet<string> = new Set([
    ...(row.headSeq === 0 ? ["headSeq", "updatedAtMs"] : []),
    // Rows that were written before runs had lanes.
    ...(row.lanes === null ? ["lanes"] : []),
  ]);
  return columnsOf(expected).filter((column) => !own.has(column) && expected[column] !== row[column]);
}

/**
 * Counts the events by which a row is behind `head`, the row at the log's newest event; 0 when no shown column has changed since, because
 * then no write was due.
 */
export function behindBy(row: RunRow, head: RunColumns): number {
  const untold: ReadonlySet<string> = new Set(["headSeq", "updatedAtMs", "finishedAtMs"]);
  const differs = columnsOf(head).some((column) => !untold.has(column) && head[column] !== row[column]);
  return differs ? Math.max(0, head.headSeq - row.headSeq) : 0;
}

function columnsOf(row: RunColumns): readonly (keyof RunColumns)[] {
  return Object.keys(row).filter((name): name is keyof RunColumns => name in row);
}

/**
 * Where a run's own storage contradicts itself, in words: event numbers with a gap, a view that is not the fold of the events, a
 * ledger that does not verify or has other states than the events.
 */
export function runProblems(log: EventLog, view: RunView, ledger: readonly LedgerEntry[]): readonly string[] {
  const problems: string[] = [];
  const moves: string[] = [];
  let expected = 1;
  for (const event of log()) {
    if (event.seq !== expected && problems.length === 0) problems.push(`event ${expected} is numbered ${event.seq}`);
    expected += 1;
    if (event.type === "run.state_changed") moves.push(`${event.data.from}>${event.data.to}`);
  }
  if (canonicalJson(fold(log())) !== canonicalJson(view)) problems.push("the view is not the fold of the events");
  const verdict = verifyLedger({ entries: [...ledger], head: ledger.at(-1)?.hash ?? genesisHash });
  if (!verdict.ok) problems.push(`ledger entry ${verdict.index}: ${verdict.reason}`);
  const proven = ledger.flatMap(({ data, kind }) =>
    kind === "state" ? [`${String(data["from"])}>${String(data["to"])}`] : [],
  );
  if (proven.join() !== moves.join()) problems.push("the ledger tells of other states than the events");
  return problems;
}

import { setTimeout as sleep } from "node:timers/promises";
import { projectedEvents } from "../domain/run/projection.ts";
import { startProductStack, type Counters } from "./product-stack.ts";
import { howMany } from "./smoke.ts";
import { printTable, quantile, type Row } from "./stats.ts";

/*
 * D1's own count of rows written (`meta.rows_written`, index rows included) over whole runs of the local stack: a bug fix from the
 * prompt to its pull request's green CI, approved by a person. A project's spending is written once after each run's end, whatever the number of its calls.
 */
const runs = howMany(3, 1);
const product = await startProductStack();
try {
  const { client } = product;
  const bug = product.stack.seeded?.tickets.find((ticket) => ticket.type === "bug");
  if (bug === undefined) throw new Error("the seed has no bug");
  const writes: number[] = [];
  let statusChanges = 0;
  let streamed = 0;
  let streamedRows = 0;
  let calls = 0;
  let moneyRows = 0;
  const byStatement = new Map<string, { count: number; rows: number }>();
  for (let index = 0; index < runs; index += 1) {
    await product.counters();
    const run = await product.startRun("bugfix", `${bug.title}\n\n${bug.description}`);
    await client.waitFor(run.id, ["WAITING_APPROVAL"], 60_000);
    const [patchSet] = await client.patchSets(run.id);
    if (patchSet === undefined) throw new Error("no patch set");
    await client.decide(run.id, patchSet.hash, {
      decision: "approve",
      baseCommit: patchSet.baseCommit,
      comment: "",
    });
    await client.waitFor(run.id, ["DONE"], 60_000);
    await sleep(1_500);
    const events = await client.events(run.id);
    const { d1 } = await product.counters();
    for (const write of d1) {
      const name = nameOf(write.sql);
      const seen = byStatement.get(name) ?? { count: 0, rows: 0 };
      byStatement.set(name, { count: seen.count + 1, rows: seen.rows + write.rowsWritten });
    }
    streamed += events.filter((event) => !projectedEvents.has(event.type)).length;
    statusChanges += events.filter((event) => event.type === "run.state_changed").length;
    calls += events.filter(({ type }) => type === "turn.finished").length;
    moneyRows += d1
      .filter((write) => /"budget_\w+"/u.test(nameOf(write.sql)))
      .reduce((sum, write) => sum + write.rowsWritten, 0);
    let seen = 0;
    for (const write of d1.filter(isProjection)) {
      const head = headSeqOf(write);
      const covered = events.filter((event) => event.seq > seen && event.seq <= head);
      seen = Math.max(seen, head);
      if (covered.some((event) => projectedEvents.has(event.type))) writes.push(write.rowsWritten);
      else streamedRows += write.rowsWritten;
    }
    // Other writes than projections, starts, people's requests, notices and the forge's deliveries are counted as caused by the stream.
    const caused = /"(?:run|run_number|audit|notice|webhook_delivery)"/u;
    streamedRows += d1
      .filter((write) => !isProjection(write) && !caused.test(nameOf(write.sql)))
      .reduce((sum, write) => sum + write.rowsWritten, 0);
  }
  const row = (what: string, ours: string, bar: string): Row => ({ what, ours, bare: "", ratio: "", bar });
  const total = writes.reduce((sum, rows) => sum + rows, 0);
  printTable([
    row(`D1 rows a streamed event (of ${streamed})`, (streamedRows / streamed).toFixed(3), "0"),
    row(`D1 rows a status change (of ${statusChanges}), mean`, (total / statusChanges).toFixed(2), "<= 3"),
    row(`D1 rows of one projection (of ${writes.length}), p50`, String(quantile(writes, 0.5)), "<= 3"),
    row(`D1 rows of money a run (of ${calls / runs} model calls)`, (moneyRows / runs).toFixed(2), ""),
    row("D1 rows of the dearest projection", String(Math.max(...writes)), ""),
  ]);
  console.log("\nstatements of these runs, with all their rows:");
  for (const [name, { count, rows }] of byStatement)
    console.log(`${String(count).padStart(5)} x ${name}: ${rows} rows`);
} finally {
  await product.close();
}

function isProjection({ sql }: Counters["d1"][number]): boolean {
  return /^update "run" set .*"head_seq" = \?/u.test(sql);
}

/** The event number that a projection brings the row up to: the binding of its column. */
function headSeqOf({ bindings, sql }: Counters["d1"][number]): number {
  const before = sql.slice(0, sql.indexOf('"head_seq" = ?'));
  return Number(bindings[before.split("?").length - 1]);
}

function nameOf(sql: string): string {
  return (/^\s*(?:insert into|update|delete from)\s+\S+/iu.exec(sql)?.[0] ?? sql.slice(0, 40)).trim() + " ";
}

import { SqliteJournal } from "../../../durable-objects/run/journal.ts";
import { RunStore } from "../../../durable-objects/run/store.ts";
import { SocketHub } from "../../../durable-objects/socket-hub.ts";
import type { Env } from "../../../worker/compose.ts";
import worker, { BoardObject as ProductBoardObject, RunObject as ProductRunObject } from "../../../worker/index.ts";

export { FeedObject } from "../../../worker/index.ts";
import { budgetHost } from "../../../worker/hosts.ts";
import type { Caller, CommandResult, RunCommand } from "../../../worker/ports/run-host.ts";
import { count, countedDatabase, counters } from "../counters.ts";
import { turnWrites } from "../long-log.ts";

/** A run whose prompt begins so is not driven: its log is filled by the benchmark. */
const fillPrompt = "bench-fill";

const counted = (env: Env): Env => ({ ...env, DB: countedDatabase(env.DB) });

/** The product's own board, with its writes to D1 counted, and the floor beside its money: one insert. */
export class BoardObject extends ProductBoardObject {
  constructor(state: DurableObjectState, env: Env) {
    super(state, counted(env));
    state.storage.sql.exec("create table if not exists bench (call_id text not null)");
  }

  benchInsert(callId: string): void {
    this.ctx.storage.sql.exec("insert into bench values (?)", callId);
  }
}

/** The product's own object, with its handlers counted and a way to fill its log. */
export class RunObject extends ProductRunObject {
  constructor(state: DurableObjectState, env: Env) {
    super(state, counted(env));
    count("woken");
  }

  override async fetch(request: Request): Promise<Response> {
    count("fetch");
    return super.fetch(request);
  }

  override async alarm(): Promise<void> {
    count("alarm");
    return super.alarm();
  }

  override webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): void {
    count("webSocketMessage");
    super.webSocketMessage(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    count("webSocketClose");
    super.webSocketClose(socket, code);
  }

  override async command(caller: Caller, command: RunCommand): Promise<CommandResult> {
    if (command.kind === "wake") {
      count("wake");
      const [first] = new RunStore(this.ctx.storage.sql).events();
      if (first?.type === "run.created" && first.data.prompt.startsWith(fillPrompt)) return { ok: true };
    }
    if (command.kind === "start" && command.start.created.prompt.startsWith(fillPrompt)) {
      const { created, spec } = command.start;
      if (new RunStore(this.ctx.storage.sql).headSeq() === 0)
        this.#benchJournal().commit({
          events: [{ type: "run.created", data: created }],
          facts: { spec: JSON.stringify(spec), outbox: "1" },
        });
      return { ok: true };
    }
    return super.command(caller, command);
  }

  /** Adds turns `from` to `to`; `last` leaves the run where a person has to resume it. Commits as the engine does. */
  benchFill(runId: string, from: number, to: number, last: boolean): void {
    const journal = this.#benchJournal();
    for (let turn = from; turn < to; turn += 1) for (const write of turnWrites(runId, turn)) journal.commit(write);
    const cause = "The stage used up its 50 turns. Resume goes on.";
    if (last)
      journal.commit({
        events: [
          { type: "run.state_changed", data: { from: "CODING", to: "NEEDS_HUMAN", trigger: "human_needed", cause } },
        ],
      });
  }

  /** Ends the object as an eviction does, but at once: the next call wakes it anew from storage. */
  benchEnd(): void {
    this.ctx.abort("bench");
  }

  /** Does nothing, so that its time is the request's way to the object and, after `benchEnd`, the waking. */
  benchPing(): number {
    return this.ctx.getWebSockets().length;
  }

  /** One commit of one event through the product's journal, over a view that was folded before. */
  benchCommit(): void {
    this.#kept ??= this.#benchJournal();
    this.#kept.commit({ events: [{ type: "notice", data: { level: "info", message: "x".repeat(200) } }] });
  }

  /** Size of the database and of what its tables hold, in bytes. */
  benchSize(): Record<string, number> {
    const sum = (query: string): number => this.ctx.storage.sql.exec<{ n: number | null }>(query).one().n ?? 0;
    return {
      database: this.ctx.storage.sql.databaseSize,
      events: sum("select sum(length(data)) as n from events"),
      eventCount: sum("select count(*) as n from events"),
      messages: sum("select sum(length(blocks)) as n from messages"),
      tool_inputs: sum("select sum(length(input)) as n from tool_inputs"),
      model_calls: sum("select sum(length(record)) as n from model_calls"),
      ledger: sum("select sum(length(entry)) as n from ledger"),
    };
  }

  #kept: SqliteJournal | undefined;

  #benchJournal(): SqliteJournal {
    const { storage } = this.ctx;
    return new SqliteJournal({
      storage,
      store: new RunStore(storage.sql),
      hub: new SocketHub(this.ctx, "events"),
      nowMs: () => Date.now(),
      onCommit: () => undefined,
    });
  }
}

/**
 * The ms of one call, as the mean of some in a row, since the clock moves in steps of 1 ms: a reservation of a run, and an insert by the
 * bare method of an object that is like it.
 */
async function measureReserve(query: URLSearchParams, env: Env): Promise<Readonly<Record<"ours" | "bare", number>>> {
  const number = (name: string): number => Number(query.get(name));
  const place = { tenantId: number("tenant"), projectId: number("project") };
  const budget = budgetHost(env.BOARDS);
  const bare = env.BOARDS.getByName("bench") as unknown as DurableObjectStub<BoardObject>;
  const timed = async (call: (callId: string) => Promise<unknown>): Promise<number> => {
    const startedAtMs = Date.now();
    for (let index = 0; index < number("calls"); index += 1) await call(`call-${index}`);
    return (Date.now() - startedAtMs) / number("calls");
  };
  const report = { ...place, runId: number("run"), days: {}, canWarn: true, micros: 100 };
  return {
    ours: await timed((callId) => budget.reserve({ ...report, callId, atMs: Date.now() })),
    bare: await timed((callId) => bare.benchInsert(callId)),
  };
}

async function control(path: string, query: URLSearchParams, env: Env): Promise<unknown> {
  const [, verb = "", runId = ""] = /^\/api\/bench\/(\w+)(?:\/(\d+))?$/u.exec(path) ?? [];
  if (verb === "counters") {
    const seen = { d1: counters.d1, handlers: counters.handlers };
    counters.d1 = [];
    counters.handlers = {};
    return seen;
  }
  if (verb === "reserve") return measureReserve(query, env);
  const stub = env.RUNS.getByName(`run:${runId}`) as unknown as DurableObjectStub<RunObject>;
  switch (verb) {
    case "fill":
      return (
        (await stub.benchFill(runId, Number(query.get("from")), Number(query.get("to")), query.has("last"))) ?? null
      );
    case "end":
      return stub.benchEnd().catch(() => null);
    case "ping":
      return stub.benchPing();
    case "commit":
      return (await stub.benchCommit()) ?? null;
    case "size":
      return stub.benchSize();
    default:
      return null;
  }
}

export default {
  ...worker,
  async fetch(request, env, context) {
    const url = new URL(request.url);
    if (url.pathname.startsWith("/api/bench/"))
      return Response.json((await control(url.pathname, url.searchParams, env)) ?? null);
    return worker.fetch(request, counted(env), context);
  },
  queue: (batch, env, context) => worker.queue(batch, counted(env), context),
  scheduled: (controller, env, context) => worker.scheduled(controller, counted(env), context),
} satisfies ExportedHandler<Env>;

import { DurableObject } from "cloudflare:workers";
import type { Autopilot as AutopilotView } from "../../contracts/autopilot.ts";
import type { BoardChange, BoardPresence, TicketRun } from "../../contracts/board.ts";
import type { FeedTopic } from "../../contracts/feed.ts";
import { idSchema } from "../../contracts/common.ts";
import { isFinal } from "../../contracts/run.ts";
import { composeBoard, type Env } from "../../worker/compose.ts";
import type { BoardCommand, BoardPlace, BoardResult } from "../../worker/ports/board-host.ts";
import type { BudgetChange, BudgetHost, CallReservation, RunSpending } from "../../worker/ports/budget.ts";
import type { Caller } from "../../worker/ports/run-host.ts";
import type { Autopilot } from "../../worker/services/board/autopilot.ts";
import { BoardLog } from "../../worker/services/board/board-log.ts";
import { endSocket } from "../end-socket.ts";
import { inAMoment } from "../in-a-moment.ts";
import { SocketAccess } from "../socket-access.ts";
import { eventFrames, SocketHub } from "../socket-hub.ts";
import { Timers } from "../timers.ts";
import { boardAutopilot } from "./board-autopilot.ts";
import { BoardMoney } from "./board-money.ts";
import { BoardSlots } from "./board-slots.ts";

const schema = `
create table if not exists place (tenant_id integer not null, project_id integer not null);
create table if not exists timers (name text primary key, due_ms integer not null) without rowid;
`;
/** A browser sends this before the id of the ticket that its person looks at, or before nothing. */
const lookStart = "look ";
/** People who come, go and look elsewhere within this time are told together, in ms. */
const presenceEveryMs = 100;
/** What runs spent within this time is told to the tenant's pages together, in ms. */
const budgetsEveryMs = 1_000;

const noBoard = { ok: false, code: "not_found", detail: "There is no such project." } as const;

/**
 * One project's board: every write of its tickets goes through here, and each open page of the board shows it. Decisions are in
 * `domain/board`. The object also keeps the money and the slots that the project's runs share.
 */
export class BoardObject extends DurableObject<Env> {
  readonly #hub: SocketHub;
  readonly #access: SocketAccess;
  readonly #timers: Timers<"sockets" | "money" | "autopilot">;
  readonly #money: BoardMoney;
  readonly #autopilot: Autopilot;
  readonly #deps: ReturnType<typeof composeBoard>;
  #place: BoardPlace | undefined;
  #log: BoardLog | undefined;
  readonly #tellPresence = inAMoment(presenceEveryMs, () =>
    this.#hub.publishFrame(JSON.stringify({ t: "presence", people: this.#presence() })),
  );
  readonly #tellBudgets = inAMoment(budgetsEveryMs, () => this.#tellFeed("budgets"));

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const { sql } = state.storage;
    sql.exec(schema);
    this.#deps = composeBoard(env, (work) => state.waitUntil(work));
    this.#timers = new Timers(state.storage, ["sockets", "money", "autopilot"]);
    this.#hub = new SocketHub(state, "changes", () => this.#access.watch());
    const [stored] = sql.exec<{ tenant_id: number; project_id: number }>("select * from place").toArray();
    if (stored !== undefined) this.#place = { tenantId: stored.tenant_id, projectId: stored.project_id };
    this.#access = new SocketAccess({
      hub: this.#hub,
      accessOf: async (sessionIds) =>
        this.#place === undefined ? [] : this.#deps.sessionAccess(this.#place.tenantId, sessionIds),
      isWorking: () => false,
      nowMs: this.#deps.nowMs,
      plan: (dueMs) => this.#timers.set({ sockets: dueMs }),
      log: (level, message, fields) => this.#deps.log(level, message, { object: state.id.name, ...fields }),
    });
    this.#money = new BoardMoney({
      storage: state.storage,
      record: this.#deps.moneyRecord,
      nowMs: this.#deps.nowMs,
      place: () => this.#place,
      adopt: (place) => this.#adopt(place),
      timer: {
        due: () => this.#timers.due("money"),
        set: (dueMs) => this.#timers.set({ money: dueMs }),
      },
      log: this.#deps.log,
    });
    this.#autopilot = boardAutopilot({
      read: this.#deps.readAutopilot,
      nowMs: this.#deps.nowMs,
      place: () => this.#place,
      facts: async () => (this.#place === undefined ? undefined : (await this.#logOf(this.#place))?.facts()),
      money: (place, atMs) => this.#money.read(place, atMs),
      slots: new BoardSlots(sql, this.#deps),
      start: (place, ticketId, version) => this.#deps.startTicket(place, ticketId, version),
      plan: (dueMs) => this.#timers.set({ autopilot: dueMs }),
      isPlanned: this.#timers.due("autopilot") !== undefined,
      log: (level, message, fields) => this.#deps.log(level, message, { object: state.id.name, ...fields }),
    });
    void state.blockConcurrencyWhile(async () => {
      await this.#timers.readAlarm();
    });
  }

  /** Does one write; see BoardCommand for each. Throws whatever the database throws. */
  async write(place: BoardPlace, caller: Caller, command: BoardCommand): Promise<BoardResult> {
    const log = await this.#logOf(place);
    return log === undefined ? noBoard : log.write(caller, command);
  }

  /** Sends a run's state to the open pages. */
  async showRun(place: BoardPlace, ticketId: string, run: TicketRun): Promise<void> {
    if ((await this.#logOf(place)) === undefined) return;
    this.#hub.publishFrame(JSON.stringify({ t: "run", ticketId, run }));
    if (isFinal(run.state)) this.#wakeAutopilot();
  }

  /** The project's autopilot; see BoardHost for both. */
  async autopilot(place: BoardPlace): Promise<AutopilotView | undefined> {
    return (await this.#logOf(place)) === undefined ? undefined : this.#autopilot.view();
  }

  async steerAutopilot(place: BoardPlace): Promise<void> {
    if ((await this.#logOf(place)) !== undefined) await this.#autopilot.settingsChanged();
  }

  /** The project's money; see BudgetHost for each. */
  async reserveCall(call: CallReservation): ReturnType<BudgetHost["reserve"]> {
    return this.#money.reserve(call);
  }

  async settleSpending(spending: RunSpending): ReturnType<BudgetHost["settle"]> {
    const state = await this.#money.settle(spending);
    this.#tellBudgets();
    this.#wakeAutopilot();
    return state;
  }

  async readMoney(place: BoardPlace, atMs: number): ReturnType<BudgetHost["read"]> {
    return this.#money.read(place, atMs);
  }

  async setBudget(place: BoardPlace, caller: Caller, change: BudgetChange, atMs: number): Promise<boolean> {
    const isSet = await this.#money.set(place, caller, change, atMs);
    this.#tellBudgets();
    this.#wakeAutopilot();
    return isSet;
  }

  /** Closes the sockets of a session. */
  async closeSockets(sessionKey: string, reason: "signed_out" | "expired" | "forbidden"): Promise<void> {
    this.#access.close(sessionKey, reason);
    this.#tellPresence();
  }

  /** The socket's upgrade. The Worker has checked session and origin, and names place and start in its own headers. */
  override async fetch(request: Request): Promise<Response> {
    const number = (name: string): number => Number(request.headers.get(name) ?? "0");
    const log = await this.#logOf({ tenantId: number("x-board-tenant"), projectId: number("x-board-project") });
    const past = await log?.since(number("x-socket-since"));
    if (log === undefined || past === undefined) return new Response(null, { status: 404 });
    const response = this.#access.open(request.headers, () => this.#catchUp(log, past));
    if (response.status === 101) this.#tellPresence();
    return response;
  }

  override async alarm(): Promise<void> {
    const fired = this.#timers.fired(Date.now());
    this.#access.closeExpired();
    if (fired.includes("money")) await this.#money.write();
    if (fired.includes("autopilot")) await this.#autopilot.wake();
  }

  override webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): void {
    if (typeof message !== "string") return;
    if (!message.startsWith(lookStart)) return this.#hub.take(socket, message);
    const ticketId = idSchema.safeParse(message.slice(lookStart.length));
    if (this.#hub.lookAt(socket, ticketId.success ? ticketId.data : null)) this.#tellPresence();
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    endSocket(socket, code);
    this.#access.closeExpired();
    this.#tellPresence();
  }

  /** The frames that bring a socket to the board's head, with the changes that came while they were read. */
  *#catchUp(
    log: BoardLog,
    past: { readonly headSeq: number; readonly changes: readonly BoardChange[] | undefined },
  ): Generator<string> {
    const headSeq = log.headSeq() ?? past.headSeq;
    if (past.changes === undefined) yield JSON.stringify({ t: "reload", headSeq });
    else {
      const changes = [...past.changes, ...log.publishedAfter(past.headSeq)];
      yield* eventFrames(
        changes.map((change) => JSON.stringify(change)),
        "changes",
      );
    }
    yield JSON.stringify({ t: "live", headSeq });
  }

  /** Everyone who has the board open, once for each ticket that they look at. */
  #presence(): readonly BoardPresence[] {
    const seen = new Map<string, BoardPresence>();
    for (const { looksAt = null, person } of this.#hub.viewers())
      if (person !== undefined) seen.set(`${person.id} ${looksAt}`, { person, ticketId: looksAt });
    return [...seen.values()];
  }

  /** The log of the tenant's project; undefined for a project that the tenant does not have. Only the first call asks the database. */
  async #logOf(place: BoardPlace): Promise<BoardLog | undefined> {
    if (this.#place !== undefined && this.#place.tenantId !== place.tenantId) return undefined;
    const log = (this.#log ??= this.#place === undefined ? undefined : this.#newLog(this.#place));
    if (log !== undefined) return log;
    const first = this.#newLog(place);
    if (!(await first.exists())) return undefined;
    // Another call may have come as far meanwhile: there is one log, so that writes have one order.
    if (this.#log === undefined) {
      this.#log = first;
      this.#adopt(place);
    }
    return this.#log;
  }

  /** Keeps the project that D1 was found to have, the first time. */
  #adopt(place: BoardPlace): void {
    if (this.#place !== undefined) return;
    this.#place = place;
    this.ctx.storage.sql.exec("insert into place values (?, ?)", place.tenantId, place.projectId);
  }

  #tellFeed(topic: FeedTopic): void {
    if (this.#place !== undefined) this.ctx.waitUntil(this.#deps.tellFeed(this.#place.tenantId, topic));
  }

  #wakeAutopilot(): void {
    this.ctx.waitUntil(this.#autopilot.wake());
  }

  #newLog(place: BoardPlace): BoardLog {
    return new BoardLog(place, {
      db: this.#deps.db,
      nowMs: this.#deps.nowMs,
      publish: (changes) => {
        this.#hub.publishEvents(changes.map((change) => JSON.stringify(change)));
        if (changes.some(({ type }) => type === "project.changed")) this.#tellFeed("projects");
        this.#wakeAutopilot();
      },
    });
  }
}

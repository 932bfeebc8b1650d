import { DurableObject } from "cloudflare:workers";
import type { FeedFrame, FeedTopic } from "../../contracts/feed.ts";
import { composeFeed, type Env } from "../../worker/compose.ts";
import { endSocket } from "../end-socket.ts";
import { inAMoment } from "../in-a-moment.ts";
import { SocketAccess } from "../socket-access.ts";
import { SocketHub } from "../socket-hub.ts";
import { Timers } from "../timers.ts";

const schema = `
create table if not exists place (tenant_id integer not null);
create table if not exists timers (name text primary key, due_ms integer not null) without rowid;
`;
/** Changes within this time are told together, in ms. */
const gatherMs = 100;

const textOf = (frame: FeedFrame): string => JSON.stringify(frame);

/**
 * A tenant's feed: it tells the open pages which lists have changed, and they ask for those that they show. It stores nothing of the lists,
 * so a page that was away asks for all of them when its socket is live again.
 */
export class FeedObject extends DurableObject<Env> {
  readonly #hub: SocketHub;
  readonly #access: SocketAccess;
  readonly #timers: Timers<"sockets">;
  readonly #changed = new Set<FeedTopic>();
  readonly #tellSoon: () => void;
  #tenantId: number | undefined;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const { sql } = state.storage;
    sql.exec(schema);
    const deps = composeFeed(env);
    this.#timers = new Timers(state.storage, ["sockets"]);
    this.#tenantId = sql.exec<{ tenant_id: number }>("select tenant_id from place").toArray()[0]?.tenant_id;
    this.#hub = new SocketHub(state, "events", () => this.#access.watch());
    this.#access = new SocketAccess({
      hub: this.#hub,
      accessOf: async (sessionIds) =>
        this.#tenantId === undefined ? [] : deps.sessionAccess(this.#tenantId, sessionIds),
      isWorking: () => false,
      nowMs: deps.nowMs,
      plan: (dueMs) => this.#timers.set({ sockets: dueMs }),
      log: (level, message, fields) => deps.log(level, message, { object: state.id.name, ...fields }),
    });
    this.#tellSoon = inAMoment(gatherMs, () => {
      const topics = [...this.#changed];
      this.#changed.clear();
      this.#hub.publishFrame(textOf({ t: "changed", topics }));
    });
    void state.blockConcurrencyWhile(async () => {
      await this.#timers.readAlarm();
    });
  }

  /** Tells the open pages that lists have changed. */
  async tell(topics: readonly FeedTopic[]): Promise<void> {
    if (this.#hub.viewers().length === 0) return;
    for (const topic of topics) this.#changed.add(topic);
    this.#tellSoon();
  }

  /** Closes the sockets of a session. */
  async closeSockets(sessionKey: string, reason: "signed_out" | "expired" | "forbidden"): Promise<void> {
    this.#access.close(sessionKey, reason);
  }

  /** The socket's upgrade. The Worker has checked session and origin, and names the tenant in its own header. */
  override async fetch(request: Request): Promise<Response> {
    this.#keepTenant(Number(request.headers.get("x-feed-tenant")));
    return this.#access.open(request.headers, () => [textOf({ t: "live" })]);
  }

  override async alarm(): Promise<void> {
    this.#timers.fired(Date.now());
    this.#access.closeExpired();
  }

  override webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): void {
    if (typeof message === "string") this.#hub.take(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    endSocket(socket, code);
    this.#access.closeExpired();
  }

  #keepTenant(tenantId: number): void {
    if (this.#tenantId !== undefined) return;
    this.#tenantId = tenantId;
    this.ctx.storage.sql.exec("insert into place values (?)", tenantId);
  }
}

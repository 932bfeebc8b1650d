import { DurableObject } from "cloudflare:workers";
import type { NewRunEvent } from "../../contracts/run-events.ts";
import { SqliteJournal } from "../../durable-objects/run/journal.ts";
import { RunStore } from "../../durable-objects/run/store.ts";
import { eventFrames, SocketHub } from "../../durable-objects/socket-hub.ts";

interface Env {
  readonly BARE: DurableObjectNamespace<BareObject>;
  readonly PRODUCT: DurableObjectNamespace<ProductObject>;
}

/** One event, of ordinary size by default, with the time of its making as its message. */
function event(characters = 200): Extract<NewRunEvent, { type: "notice" }> {
  return { type: "notice", data: { level: "info", message: `${Date.now()} ${"x".repeat(characters)}` } };
}

/** The floor: hibernatable sockets, one insert, one send a socket. */
export class BareObject extends DurableObject<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    state.storage.sql.exec("create table if not exists events (seq integer primary key, body text not null)");
  }

  override async fetch(request: Request): Promise<Response> {
    const since = Number(new URL(request.url).searchParams.get("since") ?? "0");
    const pair = new WebSocketPair();
    this.ctx.acceptWebSocket(pair[1]);
    const rows = this.ctx.storage.sql.exec<{ body: string }>(
      "select body from events where seq > ? order by seq",
      since,
    );
    for (const row of rows) pair[1].send(row.body);
    pair[1].send('{"t":"live"}');
    return new Response(null, { status: 101, webSocket: pair[0] });
  }

  /** The newest event's text. */
  read(): string {
    const rows = this.ctx.storage.sql.exec<{ body: string }>("select body from events order by seq desc limit 1");
    return rows.one().body;
  }

  emit(count: number, characters: number): void {
    for (let index = 0; index < count; index += 1) {
      const body = JSON.stringify(event(characters));
      this.ctx.storage.sql.exec("insert into events (body) values (?)", body);
      for (const socket of this.ctx.getWebSockets()) socket.send(body);
    }
  }
}

/** The product's own store, journal and hub, without the engine. */
export class ProductObject extends DurableObject<Env> {
  readonly #store: RunStore;
  readonly #hub: SocketHub;
  readonly #journal: SqliteJournal;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#store = new RunStore(state.storage.sql);
    this.#hub = new SocketHub(state, "events");
    this.#journal = new SqliteJournal({
      storage: state.storage,
      store: this.#store,
      hub: this.#hub,
      nowMs: () => Date.now(),
      onCommit: () => undefined,
    });
  }

  override async fetch(request: Request): Promise<Response> {
    const since = Number(new URL(request.url).searchParams.get("since") ?? "0");
    return this.#hub.accept({ sessionKey: "bench", expiresAtMs: Number.MAX_SAFE_INTEGER }, [
      ...eventFrames(this.#store.eventTexts(since, 1_000_000), "events"),
      `{"t":"live","headSeq":${this.#store.headSeq()}}`,
    ]);
  }

  override webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): void {
    if (typeof message === "string") this.#hub.take(socket, message);
  }

  emit(count: number, characters: number): void {
    for (let index = 0; index < count; index += 1) this.#journal.commit({ events: [event(characters)] });
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const [, kind = "", name = "", verb = ""] = url.pathname.split("/");
    const stub = kind === "bare" ? env.BARE.getByName(name) : env.PRODUCT.getByName(name);
    if (verb === "read") return new Response(await env.BARE.getByName(name).read());
    if (verb === "socket") return stub.fetch(request);
    await stub.emit(Number(url.searchParams.get("count") ?? "1"), Number(url.searchParams.get("characters") ?? "200"));
    return new Response("ok");
  },
} satisfies ExportedHandler<Env>;

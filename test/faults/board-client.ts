import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { boardWrittenSchema } from "../../contracts/board.ts";
import { ticketSchema, type Ticket } from "../../contracts/project.ts";
import { socketMark } from "../../contracts/run-events.ts";
import { ApiClient } from "../../local/stack/client.ts";
import { ApiRefusal } from "../../local/stack/http.ts";
import { parseBoardFrame } from "../../web/features/board/frames.ts";
import { BoardStore } from "../../web/features/board/store.ts";

/** A write that the server has acknowledged, with the place in which its change must stand. */
export type Acknowledged =
  | { readonly kind: "move"; readonly ticketId: string; readonly column: string; readonly headSeq: number }
  | { readonly kind: "edit"; readonly ticketId: string; readonly title: string; readonly version: number }
  | { readonly kind: "delete"; readonly ticketId: string; readonly headSeq: number };

/** What the client was told of its writes: acknowledged, refused with a reason, or no answer. */
export interface Tally {
  readonly acknowledged: Acknowledged[];
  readonly refused: string[];
  unanswered: number;
}

/** A person with a project's board open: the page's own store over real sockets and requests. */
export class BoardClient {
  readonly tally: Tally = { acknowledged: [], refused: [], unanswered: 0 };
  readonly store: BoardStore;
  readonly #client: ApiClient;
  readonly #projectId: string;
  #socket: WebSocket | undefined;
  #isStopped = false;

  private constructor(client: ApiClient, projectId: string, store: BoardStore) {
    this.#client = client;
    this.#projectId = projectId;
    this.store = store;
  }

  static async open(url: string, login: string, projectId: string): Promise<BoardClient> {
    const client = new ApiClient(url);
    await client.signIn(login);
    const board = new BoardClient(client, projectId, new BoardStore(await client.board(projectId)));
    board.#connect();
    return board;
  }

  /** The network drops the connection. */
  drop(): void {
    this.#socket?.terminate();
  }

  stop(): void {
    this.#isStopped = true;
    this.#socket?.terminate();
  }

  async move(ticketId: string, column: string, before: string | null): Promise<void> {
    const path = `/api/projects/${this.#projectId}/moves`;
    await this.#write(async () => {
      const body = { ticketIds: [ticketId], column, before };
      const { headSeq } = await this.#client.http.api(boardWrittenSchema, "POST", path, body);
      return { kind: "move", ticketId, column, headSeq };
    });
  }

  async edit({ id, version }: Ticket, title: string): Promise<void> {
    await this.#write(async () => {
      const answer = await this.#client.http.api(ticketSchema, "PATCH", `/api/tickets/${id}`, { version, title });
      return { kind: "edit", ticketId: id, title, version: answer.version };
    });
  }

  async delete(ticketId: string): Promise<void> {
    await this.#write(async () => {
      const { headSeq } = await this.#client.http.api(boardWrittenSchema, "DELETE", `/api/tickets/${ticketId}`);
      return { kind: "delete", ticketId, headSeq };
    });
  }

  /** The tickets of each column in their order, with their titles, as the page shows them. */
  shown(): Readonly<Record<string, readonly string[]>> {
    const { columns } = this.store.read();
    return Object.fromEntries(
      [...columns].map(([column, tickets]) => [column, tickets.map(({ id, title }) => `${id} ${title}`)]),
    );
  }

  /** Sends once: nothing is sent again after a lost answer, so that each change has one sender. */
  async #write(send: () => Promise<Acknowledged>): Promise<void> {
    try {
      this.tally.acknowledged.push(await send());
    } catch (error) {
      const code = error instanceof ApiRefusal && error.status < 500 ? error.problem?.code : undefined;
      if (code !== undefined) this.tally.refused.push(code);
      else {
        this.tally.unanswered += 1;
        await sleep(100);
      }
    }
  }

  #connect(): void {
    if (this.#isStopped) return;
    this.store.restart();
    const { headSeq } = this.store.read().model;
    const address = new URL(
      `/api/projects/${this.#projectId}/board/socket?since=${headSeq}`,
      this.#client.http.baseUrl,
    );
    const cookie = this.#client.http.jar.header(address);
    const socket = new WebSocket(address.href.replace("http", "ws"), {
      headers: { cookie, origin: address.origin },
    });
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#take(socket, data.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (this.#socket === socket) setTimeout(() => this.#connect(), 100);
    });
  }

  #take(socket: WebSocket, text: string): void {
    if (text.startsWith(socketMark)) return socket.send(text);
    const frame = parseBoardFrame(text);
    if (frame === null || socket !== this.#socket) return;
    this.store.addFrame(frame);
    const { gap } = this.store.read().model;
    if (gap) return socket.terminate();
    if (frame.t === "reload") void this.#reload();
  }

  async #reload(): Promise<void> {
    const askedAtMs = performance.now();
    try {
      this.store.addSnapshot(await this.#client.board(this.#projectId), askedAtMs);
    } catch {
      this.drop();
    }
  }
}

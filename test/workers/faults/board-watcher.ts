import * as z from "zod";
import { boardChangeSchema, boardPresenceSchema, type BoardChange } from "../../../contracts/board.ts";
import { socketMark } from "../../../contracts/run-events.ts";
import { testConfig } from "../app.ts";
import type { Client } from "../client.ts";

const frameSchema = z.discriminatedUnion("t", [
  z.object({ t: z.literal("changes"), changes: z.array(boardChangeSchema) }),
  z.object({ t: z.literal("reload"), headSeq: z.int() }),
  z.object({ t: z.literal("live"), headSeq: z.int() }),
  z.object({ t: z.literal("run"), ticketId: z.string(), run: z.object({ id: z.string() }).loose() }),
  z.object({ t: z.literal("presence"), people: z.array(boardPresenceSchema) }),
]);
type Frame = z.infer<typeof frameSchema>;

/** A browser that has a project's board open. Changes that come out of order are kept as problems. */
export class BoardWatcher {
  readonly changes: BoardChange[] = [];
  readonly others: Exclude<Frame, { t: "changes" }>[] = [];
  readonly problems: string[] = [];
  receivedBytes = 0;
  closeCode: number | undefined;
  readonly #client: Client;
  readonly #projectId: string;
  #socket: WebSocket | undefined;

  constructor(client: Client, projectId: string) {
    this.#client = client;
    this.#projectId = projectId;
  }

  /** Opens the socket behind a change; the newest that it has seen unless told. Answers the HTTP status where there is no socket. */
  async connect(since = this.changes.at(-1)?.seq ?? 0): Promise<number> {
    const path = `/api/projects/${this.#projectId}/board/socket?since=${since}`;
    const upgrade = { upgrade: "websocket", origin: testConfig.publicUrl };
    const response = await this.#client.send("GET", path, undefined, upgrade);
    const socket = response.webSocket;
    if (socket === null) return response.status;
    this.#socket = socket;
    let expected = since + 1;
    socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      this.receivedBytes += text.length;
      if (text.startsWith(socketMark)) return socket.send(text);
      const frame = frameSchema.parse(JSON.parse(text));
      if (frame.t !== "changes") return void this.others.push(frame);
      for (const change of frame.changes) {
        if (change.seq !== expected) this.problems.push(`change ${change.seq} came instead of ${expected}`);
        expected = change.seq + 1;
        this.changes.push(change);
      }
    });
    socket.addEventListener("close", ({ code }) => {
      this.closeCode = code;
    });
    socket.accept();
    return response.status;
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  close(): void {
    this.#socket?.close(1000, "done");
  }
}

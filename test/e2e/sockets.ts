import type { Page } from "playwright-core";
import * as z from "zod";

const framesSchema = z.object({ t: z.literal("events"), events: z.array(z.object({ seq: z.int() })) });

/** Event numbers that a page's sockets brought, one list per socket, in the order of their opening. */
export interface SocketRecord {
  readonly since: number;
  readonly seqs: number[];
}

/** Notes every run socket that the page opens from now on and the event numbers that come over it. */
export function recordSockets(page: Page): readonly SocketRecord[] {
  const records: SocketRecord[] = [];
  page.on("websocket", (socket) => {
    const url = new URL(socket.url());
    if (!/^\/api\/runs\/\d+\/socket$/u.test(url.pathname)) return;
    const record: SocketRecord = { since: Number(url.searchParams.get("since") ?? "0"), seqs: [] };
    records.push(record);
    socket.on("framereceived", ({ payload }) => {
      const text = typeof payload === "string" ? payload : payload.toString("utf8");
      if (!text.startsWith("{")) return;
      const frame = framesSchema.safeParse(JSON.parse(text));
      if (frame.success) record.seqs.push(...frame.data.events.map((event) => event.seq));
    });
  });
  return records;
}

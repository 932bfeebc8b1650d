import { once } from "node:events";
import WebSocket from "ws";
import { freePort, startBenchWorker } from "./bench-worker.ts";
import { startSeededStack } from "./seeded-stack.ts";
import { howMany } from "./smoke.ts";
import { besideRow, median, ms, printTable } from "./stats.ts";

/*
 * A board of 1,000 tickets: from sending a move until another tab has the change, beside a bare POST that inserts one row in a Durable
 * Object and sends it to a socket; the bytes of a reconnection that is five changes behind; and the reading of the whole board. In
 * alternating pairs.
 */
const samples = howMany(60, 3);
const warmUps = howMany(5, 1);
const ticketCount = howMany(1_000, 20);
const bare = await startBenchWorker(await freePort());
const ours = await startSeededStack().catch((error: unknown) => {
  bare.close();
  throw error;
});
try {
  const { client, stack, target } = ours;
  const { projectId } = target;
  const board = `${stack.url}/api/projects/${projectId}`;
  const headers = { cookie: client.http.jar.header(new URL(stack.url)), origin: stack.url };
  const open = async (url: string, own: Record<string, string> = {}): Promise<WebSocket> => {
    const socket = new WebSocket(url.replace("http", "ws"), { headers: own, perMessageDeflate: false });
    await once(socket, "open");
    return socket;
  };
  /** The next frame that holds a change. */
  const change = (socket: WebSocket, has: string): Promise<void> =>
    new Promise((resolve) => {
      const hear = (data: Buffer): void => {
        if (!data.toString().includes(has)) return;
        socket.off("message", hear);
        resolve();
      };
      socket.on("message", hear);
    });
  const made: string[] = [];
  for (let index = 0; index < ticketCount; index += 1) {
    const ticket = { type: "task", title: `Ticket ${index} of a board that is measured`, column: "todo" } as const;
    made.push((await client.createTicket(projectId, ticket)).id);
  }
  const [moved = ""] = made;
  const move = async (column: string): Promise<void> => {
    const body = JSON.stringify({ ticketIds: [moved], column, before: null });
    const response = await fetch(`${board}/moves`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
    });
    if (!response.ok) throw new Error(`a move was answered ${response.status}: ${await response.text()}`);
  };
  const { headSeq } = await client.board(projectId);
  const tab = await open(`${board}/board/socket?since=${headSeq}`, headers);
  const bareTab = await open(`${bare.url}/bare/board/socket?since=0`);
  const times = {
    ours: [] as number[],
    answered: [] as number[],
    bare: [] as number[],
    read: [] as number[],
    bareRead: [] as number[],
  };
  const timed = async (into: number[], work: () => Promise<unknown>): Promise<void> => {
    const startedAt = performance.now();
    await work();
    into.push(performance.now() - startedAt);
  };
  const measureOurs = async (index: number): Promise<void> => {
    const seen = change(tab, "tickets.moved");
    await Promise.all([
      timed(times.ours, () => seen),
      timed(times.answered, () => move(index % 2 === 0 ? "qa" : "todo")),
    ]);
    await timed(times.read, () => client.board(projectId));
  };
  const measureBare = async (): Promise<void> => {
    const seen = change(bareTab, "notice");
    const emit = async (): Promise<string> => (await fetch(`${bare.url}/bare/board/emit`, { method: "POST" })).text();
    await Promise.all([timed(times.bare, () => seen), emit()]);
    await timed(times.bareRead, async () => (await fetch(`${bare.url}/bare/board/read`)).text());
  };
  for (let index = -warmUps; index < samples; index += 1) {
    if (index === 0) for (const taken of Object.values(times)) taken.length = 0;
    if (index % 2 === 0) await measureOurs(index);
    await measureBare();
    if (index % 2 !== 0) await measureOurs(index);
  }
  const behind = (await client.board(projectId)).headSeq;
  for (let index = 0; index < 5; index += 1) await move(index % 2 === 0 ? "qa" : "todo");
  let received = 0;
  const late = new WebSocket(`${board.replace("http", "ws")}/board/socket?since=${behind}`, {
    headers,
    perMessageDeflate: false,
  });
  await new Promise<void>((resolve) => {
    late.on("message", (data: Buffer) => {
      received += data.length;
      if (data.toString().includes('"live"')) resolve();
    });
  });
  for (const socket of [tab, bareTab, late]) socket.close();
  printTable([
    besideRow("POST a move to its change in another tab, p50", times.ours, times.bare, 0.5),
    besideRow("POST a move to its change in another tab, p95", times.ours, times.bare, 0.95, "<= 2x, <= 50 ms"),
    { what: "POST a move, answered, p50", ours: ms(median(times.answered)), bare: "", ratio: "", bar: "" },
    besideRow(`a board of ${ticketCount} tickets, read, p50`, times.read, times.bareRead, 0.5),
    { what: "a reconnection 5 changes behind", ours: `${received} B`, bare: "", ratio: "", bar: "<= 2 kB" },
  ]);
} finally {
  await ours.close();
  bare.close();
}

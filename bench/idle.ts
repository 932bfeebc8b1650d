import { setTimeout as sleep } from "node:timers/promises";
import { startProductStack } from "./product-stack.ts";
import { howMany } from "./smoke.ts";
import { printTable, type Row } from "./stats.ts";

/*
 * 100 open tabs on a run that waits for its approval: for a minute the tabs only send their pings. No handler of the
 * object may run, every ping is answered, and in the end the object has left memory: the next call makes it anew.
 * `IDLE_SECONDS` makes the minute shorter.
 */
const sockets = howMany(100, 5);
const seconds = Number(process.env["IDLE_SECONDS"] ?? howMany(60, 1));
const pingEveryMs = 25_000;
/** The platform lets an object with nothing but hibernating sockets go after about 12 s. */
const settleMs = howMany(5_000, 500);

const product = await startProductStack();
try {
  const { client } = product;
  const bug = product.stack.seeded?.tickets.find((ticket) => ticket.type === "bug");
  if (bug === undefined) throw new Error("the seed has no bug");
  const run = await product.startRun("bugfix", `${bug.title}\n\n${bug.description}`);
  await client.waitFor(run.id, ["WAITING_APPROVAL"], 120_000);
  let pongs = 0;
  let closed = 0;
  const open = await Promise.all(
    Array.from({ length: sockets }, async () => {
      const socket = product.socket(run.id, 0);
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject);
        socket.on("message", (data: Buffer) => {
          const text = data.toString("utf8");
          if (text.startsWith('{"t":"live"')) resolve();
          if (text === "pong") pongs += 1;
        });
      });
      socket.on("close", () => (closed += 1));
      return socket;
    }),
  );
  await sleep(settleMs);
  await product.counters();
  let pings = 0;
  const endsAt = performance.now() + seconds * 1000;
  for (;;) {
    for (const socket of open) socket.send("ping");
    pings += open.length;
    const leftMs = endsAt - performance.now();
    await sleep(Math.max(0, Math.min(pingEveryMs, leftMs)));
    if (leftMs <= pingEveryMs) break;
  }
  const { d1, handlers } = await product.counters();
  const ran = Object.values(handlers).reduce((sum, times) => sum + times, 0);
  const stillOpen = sockets - closed;
  await client.events(run.id);
  const woken = (await product.counters()).handlers["woken"] ?? 0;
  for (const socket of open) socket.terminate();
  const row = (what: string, ours: string, bar: string): Row => ({ what, ours, bare: "", ratio: "", bar });
  printTable([
    row(`handler runs in ${seconds} s with ${sockets} sockets`, String(ran), "0"),
    row("pings answered", `${pongs} of ${pings}`, "all"),
    row("sockets still open", `${stillOpen} of ${sockets}`, "all"),
    row("objects made anew by the next call (it had hibernated)", String(woken), "1"),
    row("D1 rows written meanwhile", String(d1.reduce((sum, write) => sum + write.rowsWritten, 0)), "0"),
  ]);
  if (ran > 0) console.log(JSON.stringify(handlers));
} finally {
  await product.close();
}

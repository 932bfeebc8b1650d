import { readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { wranglerState } from "../local/stack/migrations.ts";
import { startSeededStack } from "./seeded-stack.ts";
import { howMany } from "./smoke.ts";
import { besideRow, printTable } from "./stats.ts";

/*
 * GET /api/tickets?search= in a tenant with 100,000 tickets, another tenant with as many beside it, by words that are rare, common or in all
 * tickets, and by key; beside GET /api/tickets/{id}, which reads one row by its primary key. One after the other, in turns.
 */
const samples = howMany(100, 3);
const warmUps = howMany(10, 1);
const ticketCount = howMany(100_000, 2_000);
const page = z.object({ items: z.array(z.unknown()) });
const ours = await startSeededStack();
try {
  const { client, stack, target } = ours;
  const { projectId } = target;
  const last = await client.createTicket(projectId, { type: "task", title: "The newest", column: "todo" });
  const startedAt = performance.now();
  fill(ours.dataDir, Number(projectId));
  console.log(
    `two tenants with ${ticketCount} tickets each, made in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  );

  // Connections that the Worker closed meanwhile are noticed once this process has a moment.
  await sleep(1_000);
  const cookie = client.http.jar.header(new URL(stack.url));
  const get = async (address: string): Promise<number> => {
    const begunAt = performance.now();
    const response = await fetch(`${stack.url}${address}`, { headers: { cookie } });
    const text = await response.text();
    if (!response.ok) throw new Error(`${address} answered ${response.status}: ${text}`);
    return performance.now() - begunAt;
  };
  const rare = Math.ceil((ticketCount - 6) / 5_000);
  /** Each search with how many tickets its first page has. */
  const searches = {
    "a rare word": { search: "quartz77", finds: rare },
    "a word of each tenth ticket": { search: "scheduler", finds: 30 },
    "a word of every ticket": { search: "ticket", finds: 30 },
    "two words, one rare": { search: "ticket quartz77", finds: rare },
    "a word of no ticket, made of common parts": { search: "ticketheduler", finds: 0 },
    "a key": { search: last.key, finds: 1 },
  } as const;
  for (const { finds, search } of Object.values(searches)) {
    const address = `${stack.url}/api/tickets?${new URLSearchParams({ search }).toString()}`;
    const { items } = page.parse(await (await fetch(address, { headers: { cookie } })).json());
    if (items.length !== finds) throw new Error(`${search} finds ${items.length} tickets, not ${finds}`);
  }
  const names = Object.keys(searches) as (keyof typeof searches)[];
  const times = new Map<string, number[]>(["row", ...names].map((name) => [name, []]));
  for (let index = -warmUps; index < samples; index += 1)
    for (const name of ["row", ...names] as const) {
      const query = name === "row" ? "" : new URLSearchParams({ search: searches[name].search }).toString();
      const tookMs = await get(name === "row" ? `/api/tickets/${last.id}` : `/api/tickets?${query}`);
      if (index >= 0) times.get(name)?.push(tookMs);
    }
  const of = (name: string): readonly number[] => times.get(name) ?? [];
  printTable(
    names.flatMap((name) => [
      besideRow(`search by ${name}, p50`, of(name), of("row"), 0.5, "<= 1.5x"),
      besideRow(`search by ${name}, p95`, of(name), of("row"), 0.95, "<= 2x"),
    ]),
  );
} finally {
  await ours.close();
}

/** Puts tickets into a project, and as many into one of a tenant of its own. The full-text index follows by its triggers. */
function fill(dataDir: string, projectId: number): void {
  const folder = path.join(wranglerState(dataDir), "v3/d1/miniflare-D1DatabaseObject");
  for (const file of readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite$/u.test(name))) {
    const database = new DatabaseSync(path.join(folder, file), { timeout: 30_000 });
    database.exec("begin");
    database.exec("insert into organization (name, slug, created_at_ms) values ('Others', 'others-of-the-bench', 0)");
    database.exec(
      `insert into project (tenant_id, key, name, description, created_at_ms)
       select id, 'OTH', 'Others', '', 0 from organization where slug = 'others-of-the-bench'`,
    );
    const insert = database.prepare(
      `insert into ticket (tenant_id, project_id, number, type, title, description, "column", rank, labels, created_at_ms, updated_at_ms)
       select tenant_id, id, 1000 + ?2, 'task', 'Ticket ' || ?2 || iif(?2 % 10 = 0, ' of the scheduler', ''),
         'Words about it' || iif(?2 % 5000 = 7, ' with quartz77', '') || ', some more of them, and a few at the end.',
         'backlog', 'a' || ?2, '["bench"]', 0, 0 from project where ?1 = iif(key = 'OTH', 0, id)`,
    );
    for (let number = 1; number <= ticketCount; number += 1) for (const id of [projectId, 0]) insert.run(id, number);
    database.exec("commit");
    database.close();
  }
}

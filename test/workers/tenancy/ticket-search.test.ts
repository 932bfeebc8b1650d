import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import { pageSchema } from "../../../contracts/common.ts";
import { projectSchema, ticketSchema, type Ticket } from "../../../contracts/project.ts";
import { foundTicketSchema } from "../../../contracts/ticket-search.ts";
import { createTestApi, testConfig } from "../app.ts";
import { Client } from "../client.ts";
import { countedD1, queryPlan } from "../d1.ts";
import { newWorld, type World } from "../world.ts";

const page = pageSchema(foundTicketSchema);

async function addTicket(world: World, title: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Ticket> {
  const body = { type: "task", title, ...fields };
  return world.client.ask(ticketSchema, 201, "POST", `/api/projects/${world.project.id}/tickets`, body);
}

const address = (search: string, more: Readonly<Record<string, string>> = {}): string =>
  `/api/tickets?${new URLSearchParams({ search, ...more }).toString()}`;

async function found(world: World, search: string, more: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const { items } = await world.client.ask(page, 200, "GET", address(search, more));
  return items.map(({ key }) => key);
}

describe("a search over tickets", () => {
  test("finds parts of words in title, description, criteria and labels, in any case, newest first", async () => {
    const world = await newWorld();
    await addTicket(world, "Rework the scheduler");
    await addTicket(world, "Other", { description: "It concerns the SCHEDULING of runs." });
    await addTicket(world, "Other", { acceptanceCriteria: "- the schedule is kept" });
    await addTicket(world, "Other", { labels: ["scheduled"] });
    await addTicket(world, "Nothing of it");
    expect(await found(world, "schedul")).toEqual(["LIME-5", "LIME-4", "LIME-3", "LIME-2"]);
    expect(await found(world, "sched concerns")).toEqual(["LIME-3"]);
    expect(await found(world, "sched absent")).toEqual([]);
  });

  test("shows the words around the place where a text has them", async () => {
    const world = await newWorld();
    await addTicket(world, "Long", { description: `${"word ".repeat(50)}the needle lies here${" word".repeat(50)}` });
    const { items } = await world.client.ask(page, 200, "GET", address("needle"));
    expect(items[0]?.excerpt).toMatch(/^…word .*the needle lies here word .*…$/u);
    expect((await world.client.ask(page, 200, "GET", address("Long"))).items[0]?.excerpt).toBeNull();
  });

  test("finds a ticket by its key or number, before those that have the text", async () => {
    const world = await newWorld();
    await addTicket(world, "Second");
    await addTicket(world, "Follows LIME-2");
    for (const search of ["LIME-2", "lime-2"]) expect(await found(world, search)).toEqual(["LIME-2", "LIME-3"]);
    for (const search of ["2", "#2", " 2 "]) expect(await found(world, search)).toEqual(["LIME-2"]);
    expect(await found(world, "99")).toEqual([]);
    expect(await found(world, "OTHER-2")).toEqual([]);
  });

  test("looks through every project of the tenant, or through one", async () => {
    const world = await newWorld();
    const made = { key: "TWO", name: "Two", repositoryIds: [] };
    const other = await world.client.ask(projectSchema, 201, "POST", "/api/projects", made);
    await world.client.ask(ticketSchema, 201, "POST", `/api/projects/${other.id}/tickets`, {
      type: "task",
      title: "First",
    });
    expect(await found(world, "First")).toEqual(["TWO-1", "LIME-1"]);
    expect(await found(world, "1")).toEqual(["TWO-1", "LIME-1"]);
    expect(await found(world, "First", { projectId: world.project.id })).toEqual(["LIME-1"]);
    expect(await found(world, "1", { projectId: other.id })).toEqual(["TWO-1"]);
  });

  test("goes on from page to page without a gap or a double, whatever the page's size", async () => {
    const world = await newWorld();
    for (let index = 2; index <= 7; index += 1) await addTicket(world, `Follows LIME-1, part ${index}`);
    const whole = await found(world, "LIME-1");
    expect(whole).toEqual(["LIME-1", "LIME-7", "LIME-6", "LIME-5", "LIME-4", "LIME-3", "LIME-2"]);
    for (const limit of ["1", "2", "3", "7"]) {
      const seen: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const more: Record<string, string> = cursor === "" ? { limit } : { limit, cursor };
        const next: z.infer<typeof page> = await world.client.ask(page, 200, "GET", address("LIME-1", more));
        seen.push(...next.items.map(({ key }) => key));
        cursor = next.nextCursor;
      }
      expect(seen).toEqual(whole);
    }
    expect((await world.client.problem("GET", address("LIME-1", { cursor: "x" }))).code).toBe("invalid_request");
  });

  test("leaves deleted tickets out, and has them again once they are restored", async () => {
    const world = await newWorld();
    const ticket = await addTicket(world, "Vanishing");
    await world.client.send("DELETE", `/api/tickets/${ticket.id}`);
    expect(await found(world, "Vanishing")).toEqual([]);
    expect(await found(world, ticket.key)).toEqual([]);
    await world.client.send("POST", `/api/tickets/${ticket.id}/restore`);
    expect(await found(world, "Vanishing")).toEqual([ticket.key]);
    await world.client.send("PATCH", `/api/tickets/${ticket.id}`, { version: ticket.version, title: "Another name" });
    expect(await found(world, "Vanishing")).toEqual([]);
    expect(await found(world, "another name")).toEqual([ticket.key]);
  });

  test("finds nothing of another tenant, by text or by key", async () => {
    const [mine, theirs] = [await newWorld(), await newWorld()];
    await addTicket(theirs, "Confidential");
    expect(await found(mine, "Confidential")).toEqual([]);
    expect(await found(mine, "LIME-2")).toEqual([]);
    expect(await found(mine, "First", { projectId: theirs.project.id })).toEqual([]);
    expect(await found(theirs, "Confidential")).toEqual(["LIME-2"]);
  });
});

describe("an odd search", () => {
  test.each(["", " ", "a", "ab", "日本", "😀", "  😀a ", "*", '"', "-", "x".repeat(201), "x".repeat(10_000)])(
    "%j is answered with its fault",
    async (search) => {
      const world = await newWorld();
      const problem = await world.client.problem("GET", address(search));
      expect(problem.code).toBe("invalid_request");
      expect(problem.issues?.[0]?.message).toMatch(/at least 3 characters|at most 200 characters/u);
    },
  );

  test.each([
    '"quoted" word',
    "a*b(c)",
    "col:umn ^x",
    "NEAR(a b)",
    "x AND y OR z",
    "it's -- ;",
    "日本語",
    "😀😀😀",
    "%_%",
    'a""b',
  ])("%j is searched as it is written", async (search) => {
    const world = await newWorld();
    const ticket = await addTicket(world, `Has ${search} in it`);
    await addTicket(world, "Has none");
    expect(await found(world, search)).toEqual([ticket.key]);
  });

  test("short words beside a longer one don't hinder it", async () => {
    const world = await newWorld();
    const ticket = await addTicket(world, "A fix of the parser");
    expect(await found(world, "a parser of")).toEqual([ticket.key]);
  });
});

test("the queries of a search scan no table and sort no found ticket", async () => {
  const world = await newWorld();
  const { d1, sent } = countedD1(env.DB);
  const client = new Client(createTestApi(d1, testConfig));
  for (const [name, value] of world.client.cookies) client.cookies.set(name, value);
  for (const more of [{}, { projectId: world.project.id }]) {
    sent.length = 0;
    expect((await client.send("GET", address("LIME-1", more))).status).toBe(200);
    expect(sent.length).toBeLessThanOrEqual(3);
    for (const query of sent) {
      // The full-text index is asked for a match, which SQLite's plan calls a scan of a virtual table.
      const plan = (await queryPlan(env.DB, query)).replaceAll(
        /SCAN ticket_search VIRTUAL TABLE INDEX \d+:.*M.*/gu,
        "match",
      );
      expect(plan).not.toMatch(/\bSCAN (?!.*SUBQUERY)/u);
      if (plan.includes("match")) expect(plan).not.toMatch(/TEMP B-TREE/u);
    }
  }
});

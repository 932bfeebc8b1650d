import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { boardSchema, boardWrittenSchema, type Board } from "../../../contracts/board.ts";
import { projectSchema, ticketSchema, type Ticket } from "../../../contracts/project.ts";
import { boardHost } from "../../../worker/hosts.ts";
import { newMember, type Client } from "../client.ts";
import { newWorld, type World } from "../world.ts";
import { BoardWatcher } from "./board-watcher.ts";
import { objectDatabase } from "./d1-faults.ts";
import { until } from "./outside-control.ts";

afterEach(() => {
  objectDatabase.heal();
});

async function addTicket(world: World, title: string, projectId = world.project.id): Promise<Ticket> {
  return world.client.ask(ticketSchema, 201, "POST", `/api/projects/${projectId}/tickets`, { type: "task", title });
}

const pathOf = (ticket: Ticket, other: Ticket) => `/api/tickets/${ticket.id}/dependencies/${other.id}`;
const link = (world: World, ticket: Ticket, other: Ticket, client: Client = world.client) =>
  client.ask(boardWrittenSchema, 200, "PUT", pathOf(ticket, other));
const readBoard = (world: World): Promise<Board> =>
  world.client.ask(boardSchema, 200, "GET", `/api/projects/${world.project.id}/board`);
const linksOf = (board: Board): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(board.tickets.map(({ dependsOn, id }) => [id, dependsOn]));

describe("a dependency", () => {
  test("is made and removed once, however often it is asked for, and reaches open boards", async () => {
    const world = await newWorld();
    const mate = await newMember(world.me.activeTenantId, "dev");
    const one = await addTicket(world, "One");
    const watcher = new BoardWatcher(mate.client, world.project.id);
    await watcher.connect((await readBoard(world)).headSeq);
    const first = await link(world, world.ticket, one);
    expect(await link(world, world.ticket, one)).toEqual(first);
    expect(linksOf(await readBoard(world))).toEqual({ [world.ticket.id]: [one.id], [one.id]: [] });
    const shown = await world.client.ask(ticketSchema, 200, "GET", `/api/tickets/${world.ticket.id}`);
    expect(shown).toMatchObject({ dependsOn: [one.id], version: 1 });
    const removed = await world.client.ask(boardWrittenSchema, 200, "DELETE", pathOf(world.ticket, one));
    expect(await world.client.ask(boardWrittenSchema, 200, "DELETE", pathOf(world.ticket, one))).toEqual(removed);
    expect(await until(() => (watcher.changes.length === 2 ? true : undefined))).toBe(true);
    expect(watcher.changes).toMatchObject([
      { type: "ticket.linked", data: { id: world.ticket.id, dependsOn: [one.id] } },
      { type: "ticket.linked", data: { id: world.ticket.id, dependsOn: [] } },
    ]);
    const { results } = await env.DB.prepare("select action, data from audit where subject = ? order by id")
      .bind(`ticket:${world.ticket.id}`)
      .all<{ action: string; data: string }>();
    expect(results.slice(1).map(({ action, data }) => ({ action, data: JSON.parse(data) as unknown }))).toEqual([
      { action: "ticket.linked", data: { dependsOn: { id: one.id, key: "LIME-2" } } },
      { action: "ticket.unlinked", data: { dependsOn: { id: one.id, key: "LIME-2" } } },
    ]);
  });

  test("that closes a circle is refused with the way, also when two people add its halves at once", async () => {
    const world = await newWorld();
    const mate = await newMember(world.me.activeTenantId, "dev");
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [await addTicket(world, "A"), await addTicket(world, "B")];
      const answers = await Promise.all([
        world.client.send("PUT", pathOf(a, b)),
        mate.client.send("PUT", pathOf(b, a)),
      ]);
      expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409]);
      const refused = answers.find(({ status }) => status === 409);
      const [from, to] = refused === answers[0] ? [a, b] : [b, a];
      expect(await refused?.json()).toMatchObject({
        code: "conflict",
        detail: expect.stringContaining(`${from.key} -> ${to.key} -> ${from.key}`),
      });
      const links = linksOf(await readBoard(world));
      expect([links[a.id], links[b.id]].flat()).toHaveLength(1);
    }
  });

  test("written by an object that was replaced is seen before the other half is decided", async () => {
    const world = await newWorld();
    const other = await addTicket(world, "Other");
    const { headSeq } = await readBoard(world);
    const change = {
      ...{ seq: headSeq + 1, atMs: 1, actor: { kind: "system", name: "another object" }, type: "ticket.linked" },
      data: { id: other.id, dependsOn: [world.ticket.id] },
    };
    await env.DB.batch([
      env.DB.prepare("insert into ticket_dependency values (?, ?)").bind(Number(other.id), Number(world.ticket.id)),
      env.DB.prepare("insert into board_change (project_id, seq, tenant_id, change) values (?, ?, ?, ?)").bind(
        Number(world.project.id),
        headSeq + 1,
        Number(world.me.activeTenantId),
        JSON.stringify(change),
      ),
    ]);
    expect((await world.client.problem("PUT", pathOf(world.ticket, other))).code).toBe("conflict");
  });

  test("on itself, on a deleted ticket, and on one of another project or tenant is refused", async () => {
    const [world, stranger] = [await newWorld(), await newWorld()];
    const gone = await addTicket(world, "Gone");
    await world.client.ask(boardWrittenSchema, 200, "DELETE", `/api/tickets/${gone.id}`);
    const project = await world.client.ask(projectSchema, 201, "POST", "/api/projects", { key: "TWO", name: "Two" });
    const elsewhere = await addTicket(world, "Elsewhere", project.id);
    for (const other of [world.ticket, gone, elsewhere, stranger.ticket]) {
      const problem = await world.client.problem("PUT", pathOf(world.ticket, other));
      expect(problem).toMatchObject({ status: 400, issues: [{ path: "dependsOn" }] });
      expect(problem.detail).not.toContain(stranger.ticket.title);
    }
    expect((await world.client.problem("PUT", pathOf(gone, world.ticket))).detail).toContain("Restore it");
    expect((await world.client.problem("PUT", pathOf(stranger.ticket, world.ticket))).status).toBe(404);
    expect(linksOf(await readBoard(world))).toEqual({ [world.ticket.id]: [] });
  });

  test("of a plan's new tickets is in their change, in their rows and in a restored ticket", async () => {
    const world = await newWorld();
    const place = { tenantId: Number(world.me.activeTenantId), projectId: Number(world.project.id) };
    const caller = { actor: { kind: "system", name: "test" }, sessionId: null, requestId: "" } as const;
    const watcher = new BoardWatcher(world.client, world.project.id);
    await watcher.connect((await readBoard(world)).headSeq);
    const source = crypto.randomUUID();
    const made = await boardHost(env.BOARDS).write(place, caller, {
      kind: "create",
      tickets: [[], [0], [1, 0]].map((dependsOn, index) => ({
        ...({ type: "task", title: `T${index}`, description: "", acceptanceCriteria: "", column: "todo" } as const),
        ...({ priority: "none", labels: [], assigneeId: null, repositoryId: null, parentId: null } as const),
        ...{
          createdBy: null,
          sourceKey: `${source}:${index}`,
          dependsOn: dependsOn.map((each) => `${source}:${each}`),
        },
      })),
    });
    const [a, b, c] = made.ok ? made.ticketIds : [];
    const links = [[], [a], [a, b]];
    const board = await readBoard(world);
    expect([a, b, c].map((id) => linksOf(board)[id ?? ""])).toEqual(links);
    expect(await until(() => watcher.changes.at(-1))).toMatchObject({
      data: { tickets: links.map((dependsOn) => ({ dependsOn })) },
    });
    const { results } = await env.DB.prepare(
      "select change from board_change where project_id = ? order by seq desc limit 1",
    )
      .bind(place.projectId)
      .all<{ change: string }>();
    expect(JSON.parse(results[0]?.change ?? "")).toEqual(watcher.changes.at(-1));
    await world.client.ask(boardWrittenSchema, 200, "DELETE", `/api/tickets/${c}`);
    const restored = await world.client.ask(ticketSchema, 200, "POST", `/api/tickets/${c}/restore`, {});
    expect(restored.dependsOn).toEqual([a, b]);
  });
});

import { abortAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { boardSchema, boardWrittenSchema, type Board, type BoardChange } from "../../../contracts/board.ts";
import { socketClose } from "../../../contracts/run-events.ts";
import {
  projectSchema,
  ticketSchema,
  ticketStages,
  type Ticket,
  type TicketStage,
} from "../../../contracts/project.ts";
import { takeChange, ticketsIn, type TicketFacts } from "../../../domain/board/facts.ts";
import { boardHost } from "../../../worker/hosts.ts";
import { newMember, type Client } from "../client.ts";
import { newWorld, type World } from "../world.ts";
import { BoardWatcher } from "./board-watcher.ts";
import { objectDatabase } from "./d1-faults.ts";
import { until } from "./outside-control.ts";

afterEach(() => {
  objectDatabase.heal();
});

const readBoard = (world: World): Promise<Board> =>
  world.client.ask(boardSchema, 200, "GET", `/api/projects/${world.project.id}/board`);
const idsIn = (board: Board, column: TicketStage): readonly string[] =>
  board.tickets.flatMap(({ column: at, id }) => (at === column ? id : []));

async function addTickets(world: World, count: number): Promise<readonly Ticket[]> {
  const tickets: Ticket[] = [];
  for (let index = 0; index < count; index += 1) {
    const body = { type: "task", title: `T${index}`, column: "todo" };
    tickets.push(await world.client.ask(ticketSchema, 201, "POST", `/api/projects/${world.project.id}/tickets`, body));
  }
  return tickets;
}

function move(
  world: World,
  ids: readonly string[],
  column: TicketStage,
  before: string | null = null,
  client = world.client,
) {
  return client.send("POST", `/api/projects/${world.project.id}/moves`, { ticketIds: ids, column, before });
}

/** The board that a watcher would show: all changes from the first, applied in order. */
function shownBy(changes: readonly BoardChange[]): (column: TicketStage) => readonly string[] {
  const tickets = new Map<string, TicketFacts>();
  for (const change of changes) takeChange(tickets, change);
  return (column) => ticketsIn({ tickets }, column).map(({ id }) => id);
}

async function watch(world: World, client: Client = world.client, since = 0): Promise<BoardWatcher> {
  const watcher = new BoardWatcher(client, world.project.id);
  expect(await watcher.connect(since)).toBe(101);
  return watcher;
}

async function caughtUp(watcher: BoardWatcher, headSeq: number): Promise<void> {
  expect(await until(() => (watcher.changes.at(-1)?.seq === headSeq ? true : undefined), 5_000)).toBe(true);
  expect(watcher.problems).toEqual([]);
}

describe("an open board", () => {
  test("sees every write of another person in the order of its commits, and ends equal to D1", async () => {
    const world = await newWorld();
    const mate = await newMember(world.me.activeTenantId, "dev");
    const watcher = await watch(world, mate.client);
    const [a, b, c] = await addTickets(world, 3);
    if (a === undefined || b === undefined || c === undefined) throw new Error("three tickets");
    expect((await move(world, [c.id, a.id], "todo", b.id)).status).toBe(200);
    expect((await move(world, [b.id], "qa", null, mate.client)).status).toBe(200);
    await world.client.ask(ticketSchema, 200, "PATCH", `/api/tickets/${a.id}`, {
      version: 1,
      title: "A",
      labels: ["x"],
    });
    await world.client.ask(boardWrittenSchema, 200, "DELETE", `/api/tickets/${c.id}`);
    await world.client.ask(ticketSchema, 200, "POST", `/api/tickets/${c.id}/restore`, {});
    const board = await readBoard(world);
    await caughtUp(watcher, board.headSeq);
    expect(watcher.changes.map(({ type }) => type)).toEqual([
      ...Array.from({ length: 4 }, () => "tickets.created"),
      ...["tickets.moved", "tickets.moved", "ticket.edited", "tickets.deleted", "tickets.restored"],
    ]);
    const shown = shownBy(watcher.changes);
    for (const column of ticketStages) expect(shown(column), column).toEqual(idsIn(board, column));
    expect(idsIn(board, "todo")).toEqual([c.id, a.id]);
    expect(watcher.changes[6]).toMatchObject({
      actor: { kind: "person", id: world.me.user.id },
      data: { id: a.id, version: 2, fields: { title: "A", labels: ["x"] } },
    });
    expect(watcher.changes[0]).toMatchObject({ data: { tickets: [{ id: world.ticket.id, key: "LIME-1" }] } });
  });

  test("is told by 2 kB at most of five changes that it missed, and to read the board anew where too many lie between", async () => {
    const world = await newWorld();
    const [ticket] = await addTickets(world, 1);
    const { headSeq } = await readBoard(world);
    for (const column of ["qa", "todo", "done", "backlog", "todo"] as const)
      await move(world, [ticket?.id ?? ""], column);
    const near = await watch(world, world.client, headSeq);
    await caughtUp(near, headSeq + 5);
    expect(near.receivedBytes).toBeLessThan(2_000);
    const ahead = new BoardWatcher(world.client, world.project.id);
    await ahead.connect(headSeq + 50);
    expect(await until(() => ahead.others.find(({ t }) => t === "live"))).toMatchObject({ headSeq: headSeq + 5 });
    expect(ahead.others[0]).toEqual({ t: "reload", headSeq: headSeq + 5 });
  });

  test("gets changes that were committed by an object that died, without a gap", async () => {
    const world = await newWorld();
    const [a, b] = await addTickets(world, 2);
    const watcher = await watch(world);
    await abortAllDurableObjects();
    expect((await move(world, [b?.id ?? ""], "todo", a?.id ?? "")).status).toBe(200);
    await watcher.connect();
    const board = await readBoard(world);
    await caughtUp(watcher, board.headSeq);
    expect(shownBy(watcher.changes)("todo")).toEqual([b?.id, a?.id]);
  });

  test("shows who has it open, and the ticket that each looks at", async () => {
    const world = await newWorld();
    const mate = await newMember(world.me.activeTenantId, "viewer");
    const watcher = await watch(world);
    const other = await watch(world, mate.client);
    other.send(`look ${world.ticket.id}`);
    const people = () => watcher.others.findLast(({ t }) => t === "presence");
    await expect.poll(people, { timeout: 10_000 }).toMatchObject({
      people: expect.arrayContaining([expect.objectContaining({ ticketId: world.ticket.id })]),
    });
    other.close();
    await expect
      .poll(people, { timeout: 10_000 })
      .toMatchObject({ people: [{ person: { id: world.me.user.id }, ticketId: null }] });
  });

  test("is closed when its session signs out", async () => {
    const world = await newWorld();
    const mate = await newMember(world.me.activeTenantId, "dev");
    const watcher = await watch(world, mate.client);
    expect((await mate.client.send("POST", "/api/auth/sign-out", {})).status).toBe(200);
    expect(await until(() => watcher.closeCode, 3_000)).toBe(socketClose.signedOut);
  });

  test("is refused to a stranger, who does not take it from its tenant either", async () => {
    const [world, stranger] = [await newWorld(), await newWorld()];
    const place = { tenantId: Number(stranger.me.activeTenantId), projectId: Number(world.project.id) };
    await abortAllDurableObjects();
    const caller = { actor: { kind: "system", name: "test" }, sessionId: null, requestId: "" } as const;
    const command = { kind: "delete", ticketIds: [world.ticket.id] } as const;
    const refused = { ok: false, code: "not_found" };
    expect(await boardHost(env.BOARDS).write(place, caller, command)).toMatchObject(refused);
    expect(await new BoardWatcher(stranger.client, world.project.id).connect()).toBe(404);
    const fresh = await stranger.client.ask(projectSchema, 201, "POST", "/api/projects", { key: "NEW", name: "New" });
    expect(
      await boardHost(env.BOARDS).write({ ...place, projectId: Number(fresh.id) + 1 }, caller, command),
    ).toMatchObject(refused);
    expect((await move(world, [world.ticket.id], "qa")).status).toBe(200);
  });
});

describe("a board's write", () => {
  test("that the database refuses changes nothing, and the next one goes through", async () => {
    const world = await newWorld();
    const [a, b] = await addTickets(world, 2);
    const before = await readBoard(world);
    objectDatabase.failAt(1, "fails", { match: /insert into "board_change"/u });
    expect((await move(world, [b?.id ?? ""], "todo", a?.id ?? "")).status).toBe(500);
    objectDatabase.heal();
    expect(await readBoard(world)).toEqual(before);
    expect((await move(world, [b?.id ?? ""], "todo", a?.id ?? "")).status).toBe(200);
    expect(idsIn(await readBoard(world), "todo")).toEqual([b?.id, a?.id]);
  });

  test("whose reply is lost reaches open boards with the next look, once", async () => {
    const world = await newWorld();
    const [a, b] = await addTickets(world, 2);
    const watcher = await watch(world);
    objectDatabase.failAt(1, "loses its reply", { match: /insert into "board_change"/u });
    expect((await move(world, [b?.id ?? ""], "todo", a?.id ?? "")).status).toBe(500);
    objectDatabase.heal();
    expect((await move(world, [b?.id ?? ""], "todo", a?.id ?? "")).status).toBe(200);
    const board = await readBoard(world);
    await caughtUp(watcher, board.headSeq);
    expect(watcher.changes.filter(({ type }) => type === "tickets.moved")).toHaveLength(1);
  });

  test("of an object that was replaced can't be committed on old facts: it decides again by what the other has written", async () => {
    const world = await newWorld();
    const [a, b] = await addTickets(world, 2);
    const watcher = await watch(world);
    const { headSeq } = await readBoard(world);
    const change = {
      seq: headSeq + 1,
      atMs: 1,
      actor: { kind: "system", name: "another object" },
      type: "tickets.deleted",
      data: { ids: [a?.id] },
    };
    await env.DB.batch([
      env.DB.prepare("update ticket set deleted_at_ms = 1 where id = ?").bind(Number(a?.id)),
      env.DB.prepare("insert into board_change (project_id, seq, tenant_id, change) values (?, ?, ?, ?)").bind(
        Number(world.project.id),
        headSeq + 1,
        Number(world.me.activeTenantId),
        JSON.stringify(change),
      ),
    ]);
    expect((await move(world, [b?.id ?? ""], "qa")).status).toBe(200);
    expect((await move(world, [a?.id ?? ""], "qa")).status).toBe(404);
    await caughtUp(watcher, headSeq + 2);
    expect(watcher.changes.at(-2)).toEqual(change);
    expect(idsIn(await readBoard(world), "qa")).toEqual([b?.id]);
  });

  test("by an old version is refused, and a move of the same ticket is no new version", async () => {
    const world = await newWorld();
    const path = `/api/tickets/${world.ticket.id}`;
    expect((await move(world, [world.ticket.id], "qa")).status).toBe(200);
    await world.client.ask(ticketSchema, 200, "PATCH", path, { version: 1, title: "Mine" });
    const problem = await world.client.problem("PATCH", path, { version: 1, title: "Theirs" });
    expect(problem).toMatchObject({ status: 409, code: "conflict" });
    expect(problem.detail).toContain("version 2, yours was 1");
    expect(await world.client.ask(ticketSchema, 200, "GET", path)).toMatchObject({ title: "Mine", version: 2 });
  });

  test("of 150 tickets at once is one change; a name of none or twice the same is refused with nothing moved", async () => {
    const world = await newWorld();
    const place = { tenantId: Number(world.me.activeTenantId), projectId: Number(world.project.id) };
    const caller = { actor: { kind: "system", name: "test" }, sessionId: null, requestId: "" } as const;
    const made = await boardHost(env.BOARDS).write(place, caller, {
      kind: "create",
      tickets: Array.from({ length: 150 }, (_, index) => ({
        type: "task",
        title: `T${index}`,
        description: "",
        acceptanceCriteria: "",
        column: "todo",
        priority: "none",
        labels: [],
        assigneeId: null,
        repositoryId: null,
        parentId: null,
        createdBy: null,
        sourceKey: null,
        dependsOn: [],
      })),
    });
    const ids = made.ok ? made.ticketIds : [];
    expect(new Set(ids).size).toBe(150);
    expect((await move(world, [...ids].reverse(), "done")).status).toBe(200);
    const board = await readBoard(world);
    expect(idsIn(board, "done")).toEqual([...ids].reverse());
    for (const bad of [
      { ticketIds: [] },
      { ticketIds: [ids[0], ids[0]] },
      { ticketIds: ["x"] },
      { ticketIds: [ids[0]], column: "No column" },
    ])
      expect(
        (await world.client.problem("POST", `/api/projects/${world.project.id}/moves`, { column: "qa", ...bad }))
          .status,
      ).toBe(400);
    expect((await move(world, [ids[0] ?? "", "999999999"], "qa")).status).toBe(404);
    expect((await readBoard(world)).headSeq).toBe(board.headSeq);
  });

  test("is audited in the same commit, with who did it", async () => {
    const world = await newWorld();
    await move(world, [world.ticket.id], "qa");
    await world.client.ask(boardWrittenSchema, 200, "DELETE", `/api/tickets/${world.ticket.id}`);
    const { results } = await env.DB.prepare("select action, actor_key, data from audit where subject = ? order by id")
      .bind(`ticket:${world.ticket.id}`)
      .all();
    const actor = `person:${world.me.user.id}`;
    expect(results).toEqual([
      { action: "ticket.created", actor_key: actor, data: expect.any(String) },
      { action: "ticket.moved", actor_key: actor, data: '{"from":"backlog","to":"qa"}' },
      { action: "ticket.deleted", actor_key: actor, data: "{}" },
    ]);
    expect((await world.client.problem("GET", `/api/tickets/${world.ticket.id}`)).status).toBe(404);
    const start = {
      projectId: world.project.id,
      repositoryId: world.repository.id,
      ticketId: world.ticket.id,
      mode: "implement",
      model: "claude-test",
      prompt: "x",
    };
    expect(await world.client.problem("POST", "/api/runs", start)).toMatchObject({
      status: 400,
      issues: [{ path: "ticketId" }],
    });
    expect(
      (await world.client.problem("PATCH", `/api/tickets/${world.ticket.id}`, { version: 1, title: "x" })).detail,
    ).toContain("Restore it");
  });
});

describe("a run's move of its ticket", () => {
  test("is made once for its key, also when its reply was lost", async () => {
    const world = await newWorld();
    const place = { tenantId: Number(world.me.activeTenantId), projectId: Number(world.project.id) };
    const caller = { actor: { kind: "run", id: "9", name: "" }, sessionId: null, requestId: "" } as const;
    const effectKey = `run:${crypto.randomUUID()}:1:ticket_move`;
    const command = {
      kind: "run_move",
      ticketId: world.ticket.id,
      from: ["backlog"],
      to: "in_progress",
      effectKey,
    } as const;
    objectDatabase.failAt(1, "loses its reply", { match: /insert into "board_change"/u });
    const lost = await boardHost(env.BOARDS)
      .write(place, caller, command)
      .then(String, (error: unknown) => String(error));
    expect(lost).toContain("D1_ERROR");
    objectDatabase.heal();
    await move(world, [world.ticket.id], "backlog");
    const { headSeq } = await readBoard(world);
    expect(await boardHost(env.BOARDS).write(place, caller, command)).toMatchObject({ ok: true, headSeq });
    expect(idsIn(await readBoard(world), "backlog")).toEqual([world.ticket.id]);
  });
});

test("three hundred moves at once, with the objects killed in their midst, lose and double none", async () => {
  const world = await newWorld();
  const tickets = await addTickets(world, 12);
  const watcher = await watch(world);
  const columns = ["todo", "in_progress", "qa", "done"] as const;
  let seed = 7;
  const draw = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  let accepted = 0;
  for (let round = 0; round < 10; round += 1) {
    const moves = Array.from({ length: 30 }, () => {
      const id = tickets[draw(tickets.length)]?.id ?? "";
      const before = draw(2) === 0 ? null : (tickets[draw(tickets.length)]?.id ?? null);
      return move(world, [id], columns[draw(4)] ?? "todo", before === id ? null : before).then(
        ({ status }) => status,
        () => 0,
      );
    });
    if (round % 3 === 1) await abortAllDurableObjects();
    for (const status of await Promise.all(moves)) accepted += status === 200 ? 1 : 0;
    if (round % 3 === 1) await watcher.connect();
  }
  const board = await readBoard(world);
  const { results } = await env.DB.prepare("select seq, change from board_change where project_id = ? order by seq")
    .bind(Number(world.project.id))
    .all<{ seq: number; change: string }>();
  expect(results.map(({ seq }) => seq)).toEqual(Array.from({ length: board.headSeq }, (_, index) => index + 1));
  const shown = shownBy(results.map(({ change }) => JSON.parse(change) as BoardChange));
  for (const column of ticketStages) expect(shown(column), column).toEqual(idsIn(board, column));
  await caughtUp(watcher, board.headSeq);
  for (const column of ticketStages) expect(shownBy(watcher.changes)(column), column).toEqual(idsIn(board, column));
  expect(accepted).toBeGreaterThan(200);
});

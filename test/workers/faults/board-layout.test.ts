import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { boardSchema, boardsWrittenSchema, type Board, type BoardsWritten } from "../../../contracts/board.ts";
import { projectSchema, ticketSchema, ticketStages } from "../../../contracts/project.ts";
import { boardHost } from "../../../worker/hosts.ts";
import { newMember } from "../client.ts";
import { newWorld, type World } from "../world.ts";
import { BoardWatcher } from "./board-watcher.ts";
import { until } from "./outside-control.ts";

const at = (world: World, rest: string): string => `/api/projects/${world.project.id}/${rest}`;
const readBoard = (world: World): Promise<Board> => world.client.ask(boardSchema, 200, "GET", at(world, "board"));
const layout = (world: World, method: string, rest: string, body?: unknown): Promise<BoardsWritten> =>
  world.client.ask(boardsWrittenSchema, 200, method, at(world, rest), body);
const move = (world: World, column: string) =>
  world.client.problem("POST", at(world, "moves"), { ticketIds: [world.ticket.id], column });

async function firstBoard(world: World): Promise<string> {
  return (await readBoard(world)).boards[0]?.id ?? "";
}

describe("a project's boards", () => {
  test("change in numbered changes that a watcher folds to the same boards", async () => {
    const world = await newWorld();
    const watcher = new BoardWatcher(world.client, world.project.id);
    expect(await watcher.connect(0)).toBe(101);
    const board = await firstBoard(world);
    const added = await layout(world, "POST", `boards/${board}/columns`, {
      ...{ name: "Security", stage: "qa", wipLimit: 2, after: "qa" },
    });
    const column = added.boards[0]?.columns[5];
    expect(column).toMatchObject({ name: "Security", stage: "qa", wipLimit: 2 });
    await layout(world, "PATCH", `columns/${column?.id}`, { name: "Audit", after: null });
    const { boards } = await layout(world, "POST", "boards", { name: "Mobile" });
    expect(boards.map(({ name }) => name)).toEqual(["Board", "Mobile"]);
    expect(boards[1]?.columns.map(({ stage }) => stage)).toEqual([...ticketStages]);
    const second = boards[1]?.id ?? "";
    await layout(world, "PATCH", `boards/${second}`, { name: "App" });
    await layout(world, "DELETE", `columns/${boards[1]?.columns[4]?.id}`);
    const now = await readBoard(world);
    expect(await until(() => (watcher.changes.at(-1)?.seq === now.headSeq ? true : undefined), 5_000)).toBe(true);
    const told = watcher.changes.flatMap((change) => (change.type === "boards.changed" ? [change.data.boards] : []));
    expect(told.at(-1)).toEqual(now.boards);
    expect(now.boards.map(({ name }) => name)).toEqual(["Board", "App"]);
    expect((await layout(world, "DELETE", `boards/${second}`)).boards).toHaveLength(1);
    const { results } = await env.DB.prepare("select action from audit where subject = ? order by id")
      .bind(`project:${world.project.id}`)
      .all<{ action: string }>();
    expect(results.map(({ action }) => action).slice(-6)).toEqual([
      ...["board.column_added", "board.column_changed", "board.created"],
      ...["board.renamed", "board.column_removed", "board.deleted"],
    ]);
  });

  test("keep a column with tickets, and a move or a ticket for a removed column is refused with the reason", async () => {
    const world = await newWorld();
    expect(await world.client.problem("DELETE", at(world, "columns/backlog"))).toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("1 ticket"),
    });
    await layout(world, "DELETE", "columns/qa");
    expect(await move(world, "qa")).toMatchObject({
      code: "not_found",
      detail: expect.stringContaining("removed meanwhile"),
    });
    const ticket = { type: "task", title: "T", column: "qa" };
    expect(await world.client.problem("POST", at(world, "tickets"), ticket)).toMatchObject({ code: "not_found" });
    expect(await world.client.problem("PATCH", at(world, "columns/qa"), { name: "QA" })).toMatchObject({
      code: "not_found",
    });
  });

  test("give a ticket that is restored into a removed column another one", async () => {
    const world = await newWorld();
    await world.client.send("POST", at(world, "moves"), { ticketIds: [world.ticket.id], column: "qa" });
    await world.client.send("DELETE", `/api/tickets/${world.ticket.id}`);
    await layout(world, "DELETE", "columns/qa");
    const back = await world.client.ask(ticketSchema, 200, "POST", `/api/tickets/${world.ticket.id}/restore`);
    expect(back.column).toBe("backlog");
    expect((await readBoard(world)).tickets.map(({ column, id }) => [id, column])).toEqual([
      [world.ticket.id, "backlog"],
    ]);
  });

  test("are changed by those who plan projects alone", async () => {
    const world = await newWorld();
    const dev = await newMember(world.me.activeTenantId, "dev");
    const tried = await dev.client.problem("POST", at(world, "boards"), { name: "Mine" });
    expect(tried.code).toBe("forbidden");
  });

  test("lead a run's ticket to the first column of the stage in its own board", async () => {
    const world = await newWorld();
    const { boards } = await layout(world, "POST", "boards", { name: "Mobile" });
    const [backlog, , doing] = boards[1]?.columns ?? [];
    await world.client.send("POST", at(world, "moves"), { ticketIds: [world.ticket.id], column: backlog?.id });
    const place = { tenantId: Number(world.me.activeTenantId), projectId: Number(world.project.id) };
    const caller = { actor: { kind: "run", id: "9", name: "" }, sessionId: null, requestId: "" } as const;
    const command = { kind: "run_move", ticketId: world.ticket.id, from: ["backlog"], to: "in_progress" } as const;
    await boardHost(env.BOARDS).write(place, caller, { ...command, effectKey: crypto.randomUUID() });
    expect((await readBoard(world)).tickets[0]?.column).toBe(doing?.id);
    // A person has put it elsewhere since: it stays.
    await world.client.send("POST", at(world, "moves"), { ticketIds: [world.ticket.id], column: "qa" });
    await boardHost(env.BOARDS).write(place, caller, { ...command, effectKey: crypto.randomUUID() });
    expect((await readBoard(world)).tickets[0]?.column).toBe("qa");
  });
});

describe("a project", () => {
  test("that is archived takes no write and starts no run until it is unarchived", async () => {
    const world = await newWorld();
    const path = `/api/projects/${world.project.id}`;
    const archived = await world.client.ask(projectSchema, 200, "PATCH", path, { isArchived: true });
    expect(archived.archivedAtMs).not.toBeNull();
    const start = {
      ...{
        projectId: world.project.id,
        repositoryId: world.repository.id,
        mode: "implement",
        prompt: "Do it.",
        model: world.ownModelId,
      },
    };
    const refused = [
      await move(world, "todo"),
      await world.client.problem("POST", at(world, "tickets"), { type: "task", title: "T" }),
      await world.client.problem("PATCH", `/api/tickets/${world.ticket.id}`, { version: 1, title: "T" }),
      await world.client.problem("DELETE", `/api/tickets/${world.ticket.id}`),
      await world.client.problem("POST", at(world, "boards"), { name: "B" }),
      await world.client.problem("PATCH", path, { name: "B" }),
      await world.client.problem("POST", "/api/runs", start),
    ];
    for (const problem of refused)
      expect(problem).toMatchObject({ code: "conflict", detail: expect.stringContaining("archived") });
    // Two people may archive it at once.
    expect((await world.client.ask(projectSchema, 200, "PATCH", path, { isArchived: true })).archivedAtMs).toBe(
      archived.archivedAtMs,
    );
    expect(await world.client.problem("PATCH", path, { isArchived: true, name: "B" })).toMatchObject({
      code: "conflict",
    });
    expect((await readBoard(world)).project.archivedAtMs).toBe(archived.archivedAtMs);
    expect((await world.client.ask(projectSchema, 200, "PATCH", path, { isArchived: false })).archivedAtMs).toBeNull();
    expect(
      (await world.client.send("POST", at(world, "moves"), { ticketIds: [world.ticket.id], column: "qa" })).status,
    ).toBe(200);
  });

  test("is renamed for those who have its board open, and keeps its key once it has had a ticket", async () => {
    const world = await newWorld();
    const path = `/api/projects/${world.project.id}`;
    await world.client.ask(projectSchema, 200, "PATCH", path, { name: " Renamed ", description: "Words" });
    expect((await readBoard(world)).project).toMatchObject({ name: "Renamed", description: "Words", key: "LIME" });
    expect(await world.client.problem("PATCH", path, { key: "OTHER" })).toMatchObject({
      code: "conflict",
      issues: [{ path: "key" }],
    });
    const fresh = await world.client.ask(projectSchema, 201, "POST", "/api/projects", { key: "NEW", name: "New" });
    const taken = await world.client.problem("PATCH", `/api/projects/${fresh.id}`, { key: "LIME" });
    expect(taken).toMatchObject({ code: "conflict", issues: [{ path: "key", message: "is taken" }] });
    const renamed = await world.client.ask(projectSchema, 200, "PATCH", `/api/projects/${fresh.id}`, { key: "FRESH" });
    expect(renamed.key).toBe("FRESH");
    const ticket = { type: "task", title: "T" };
    const made = await world.client.ask(ticketSchema, 201, "POST", `/api/projects/${fresh.id}/tickets`, ticket);
    expect(made.key).toBe("FRESH-1");
  });
});

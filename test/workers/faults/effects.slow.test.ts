import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as z from "zod";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runEffectsSchema, type RunEffect } from "../../../contracts/effect.ts";
import { runSchema } from "../../../contracts/run.ts";
import { noticeSchema } from "../../../contracts/notice.ts";
import { ticketSchema } from "../../../contracts/project.ts";
import { BoardWatcher } from "./board-watcher.ts";
import { objectDatabase, type D1Fault } from "./d1-faults.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside, until } from "./outside-control.ts";
import { rowState, runObject, RunWorld } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

beforeEach(resetOutside);
afterEach(() => {
  objectDatabase.heal();
  vi.restoreAllMocks();
});

const faults: readonly D1Fault[] = ["fails", "loses its reply"];

async function count(query: string, ...values: readonly (string | number)[]): Promise<number> {
  const row = await env.DB.prepare(query)
    .bind(...values)
    .first<{ n: number }>();
  return row?.n ?? 0;
}
const auditsOf = (id: string, action: string): Promise<number> =>
  count("select count(*) as n from audit where subject = ? and action = ?", `run:${id}`, action);
const noticesOf = (id: string, reason: string): Promise<number> =>
  count("select count(*) as n from notice where run_id = ? and reason = ?", Number(id), reason);
const movesOf = (ticketId: string): Promise<number> =>
  count("select count(*) as n from audit where subject = ? and action = 'ticket.moved'", `ticket:${ticketId}`);

async function effectsOf(world: RunWorld, id: string): Promise<readonly RunEffect[]> {
  return (await world.client.ask(runEffectsSchema, 200, "GET", `/api/runs/${id}/effects`)).items;
}

/** Waits until the run's outbox is empty. */
async function drained(world: RunWorld, id: string): Promise<void> {
  const left = await until(async () => ((await effectsOf(world, id)).length === 0 ? true : undefined), 8_000);
  expect(left, JSON.stringify(await effectsOf(world, id))).toBe(true);
}

/** True when the run's object has no alarm and no timer: nothing wakes it. */
async function rests(id: string): Promise<boolean> {
  return runInDurableObject(runObject(id), async (_object, { storage }) => {
    const timers = storage.sql.exec("select name from timers").toArray();
    return (await storage.getAlarm()) === null && timers.length === 0;
  });
}

async function newTicket(world: RunWorld): Promise<string> {
  const body = { type: "task", title: "A ticket" };
  return (await world.client.ask(ticketSchema, 201, "POST", `/api/projects/${world.projectId}/tickets`, body)).id;
}
const columnOf = async (ticketId: string): Promise<string | undefined> =>
  (await env.DB.prepare('select "column" from ticket where id = ?').bind(Number(ticketId)).first<{ column: string }>())
    ?.column;

describe("a run's ticket", () => {
  test("goes to In Progress when the run starts, to Code Review with its pull request, each move once", async () => {
    const world = await RunWorld.make();
    const ticketId = await newTicket(world);
    const board = new BoardWatcher(world.client, world.projectId);
    expect(await board.connect()).toBe(101);
    const { id } = await world.start("note-ticket", { ticketId });
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await drained(world, id);
    expect(await columnOf(ticketId)).toBe("in_progress");
    await world.decide(id);
    await world.reaches(id, ["DONE"]);
    await drained(world, id);
    expect(await columnOf(ticketId)).toBe("code_review");
    expect(await movesOf(ticketId)).toBe(2);
    await checkRun(world, id);
    // An open board saw both moves, as the run's own, and the run's states on the card.
    expect(await until(() => (board.changes.length >= 3 ? true : undefined))).toBe(true);
    expect(board.changes.slice(1)).toMatchObject([
      { type: "tickets.moved", actor: { kind: "run", id }, data: { column: "in_progress" } },
      { type: "tickets.moved", actor: { kind: "run", id }, data: { column: "code_review" } },
    ]);
    const states = (): readonly unknown[] =>
      board.others.flatMap((frame) => (frame.t === "run" ? [frame.run["state"]] : []));
    await expect.poll(() => states().at(-1)).toBe("DONE");
    expect(states()).toContain("WAITING_APPROVAL");
  });

  test("stays where a person has moved it further", async () => {
    const world = await RunWorld.make();
    const ticketId = await newTicket(world);
    const { id } = await world.start("note-ticket-further", { ticketId });
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await drained(world, id);
    const moved = { ticketIds: [ticketId], column: "qa" };
    expect((await world.client.send("POST", `/api/projects/${world.projectId}/moves`, moved)).status).toBe(200);
    await world.decide(id);
    await world.reaches(id, ["DONE"]);
    await drained(world, id);
    expect(await columnOf(ticketId)).toBe("qa");
    // The run's first move and the person's.
    expect(await movesOf(ticketId)).toBe(2);
  });
});

describe("effects whose database", () => {
  test.each(faults)("%s at every first call of a kind come exactly once", async (fault) => {
    const world = await RunWorld.make();
    const ticketId = await newTicket(world);
    objectDatabase.failAt(1, fault, { times: 3, match: /"(audit|notice)"|update "(run|ticket)"/u });
    const { id } = await world.start(`note-effects-${fault.length}`, { ticketId });
    await world.reaches(id, ["WAITING_APPROVAL"], 20_000);
    objectDatabase.failAt(1, fault, { times: 2, match: /insert into "audit"/u });
    await world.decide(id);
    await world.reaches(id, ["DONE"]);
    await drained(world, id);
    expect(await auditsOf(id, "patch_set.approve")).toBe(1);
    expect(await noticesOf(id, "approval")).toBe(1);
    expect(await movesOf(ticketId)).toBe(2);
    expect(await columnOf(ticketId)).toBe("code_review");
    await checkRun(world, id);
  });
});

describe("an object that dies between its commit and its effects", () => {
  test("does them when it is looked at again: audit, row, ticket and notice, each once", async () => {
    const world = await RunWorld.make();
    const ticketId = await newTicket(world);
    const { id } = await world.start("note-effects-crash", { ticketId });
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await drained(world, id);
    objectDatabase.failAt(1, "fails", { times: 10_000 });
    const answer = await world.client.send("POST", `/api/runs/${id}/cancel`, {});
    expect(answer.status, "the command counts, whatever the database does").toBe(200);
    expect(await auditsOf(id, "run.cancelled")).toBe(0);
    expect(await rowState(id)).toBe("WAITING_APPROVAL");
    await abortAllDurableObjects();
    objectDatabase.heal();
    await until(async () => ((await auditsOf(id, "run.cancelled")) > 0 ? true : undefined));
    // The failed tries are stored, so the remaining effects wait for their time, for which the alarm is set.
    await drained(world, id);
    expect(await auditsOf(id, "run.cancelled")).toBe(1);
    expect(await rowState(id)).toBe("CANCELLED");
    expect(await noticesOf(id, "approval")).toBe(1);
    await checkRun(world, id);
  });
});

describe("an effect that always fails", () => {
  test("is parked after twelve tries, shown, holds up nothing, and is done when it is retried by hand", async () => {
    const world = await RunWorld.make();
    objectDatabase.failAt(1, "fails", { times: 10_000, match: /insert into "notice"/u });
    const { id } = await world.start("note-parked");
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const isParked = async (): Promise<true | undefined> =>
      (await effectsOf(world, id)).some(({ status }) => status === "parked") ? true : undefined;
    for (let tries = 0; tries < 20 && (await isParked()) === undefined; tries += 1) {
      const laterMs = Date.now() + 400_000;
      vi.spyOn(Date, "now").mockImplementation(() => laterMs);
      await world.afterAlarm(id);
    }
    vi.restoreAllMocks();
    expect(await effectsOf(world, id)).toMatchObject([
      {
        kind: "notice",
        status: "parked",
        tries: 12,
        nextTryAtMs: null,
        lastError: expect.stringMatching(/^The database /u),
      },
    ]);
    // The object has no timer left.
    expect(await until(async () => ((await rests(id)) ? true : undefined))).toBe(true);
    await world.decide(id);
    await world.reaches(id, ["DONE"]);
    expect(await auditsOf(id, "patch_set.approve")).toBe(1);
    expect(await noticesOf(id, "approval")).toBe(0);
    objectDatabase.heal();
    const after = await world.client.ask(runEffectsSchema, 200, "POST", `/api/runs/${id}/effects/retry`, {});
    expect(after.items).toEqual([]);
    expect(await noticesOf(id, "approval")).toBe(1);
    expect(await auditsOf(id, "run.effects_retried")).toBe(1);
  });
});

describe("a message under a client's key", () => {
  test("is queued once, and the repeat answers with its id", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-message-key");
    await world.client.ask(runSchema, 200, "POST", `/api/runs/${id}/pause`, {});
    const sent = z.object({ messageId: z.uuid() });
    const body = { text: "Once.", idempotencyKey: "key-of-a-message" };
    const first = await world.client.ask(sent, 201, "POST", `/api/runs/${id}/messages`, body);
    const second = await world.client.ask(sent, 201, "POST", `/api/runs/${id}/messages`, { ...body, text: "Twice." });
    expect(second).toEqual(first);
    const queued = (await world.events(id)).filter(({ type }) => type === "message.queued");
    expect(queued).toMatchObject([{ data: { text: "Once.", messageId: first.messageId } }]);
    expect(await auditsOf(id, "run.message_sent")).toBe(1);
    await world.client.ask(runSchema, 200, "POST", `/api/runs/${id}/resume`, {});
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const delivered = (await world.events(id)).filter(({ type }) => type === "message.delivered");
    expect(delivered).toMatchObject([{ data: { messageId: first.messageId } }]);
    const late = await world.client.problem("POST", `/api/runs/${id}/messages`, { text: "Late." });
    expect(late).toMatchObject({ code: "conflict", detail: expect.stringContaining("Request changes") });
  });
});

describe("a run at rest", () => {
  test("has no alarm, no timer and no effect; a browser that watches adds the end of its session alone", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-idle");
    const watcher = new Watcher(world.client, id);
    await watcher.connect();
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await drained(world, id);
    const timersOf = (): Promise<readonly unknown[]> =>
      runInDurableObject(runObject(id), (_object, { storage }) =>
        storage.sql.exec("select name, due_ms from timers").toArray(),
      );
    const alone = await until(async () => ((await timersOf()).length === 1 ? timersOf() : undefined));
    const { at } = (await env.DB.prepare("select expires_at_ms as at from session where user_id = ?")
      .bind(Number(world.me.user.id))
      .first<{ at: number }>()) ?? { at: 0 };
    expect(alone).toEqual([{ name: "sockets", due_ms: at }]);
    watcher.close();
    expect(await until(async () => ((await rests(id)) ? true : undefined))).toBe(true);
  });
});

describe("a person's notices", () => {
  test("list the runs that wait for them, newest first, until they are read", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-notices");
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await drained(world, id);
    const page = z.object({ items: z.array(noticeSchema), nextCursor: z.string().nullable() });
    const { items } = await world.client.ask(page, 200, "GET", "/api/notices?unread=true");
    expect(items).toMatchObject([{ reason: "approval", readAtMs: null, run: { id, state: "WAITING_APPROVAL" } }]);
    expect((await world.client.send("POST", "/api/notices/read", { upTo: items[0]?.id })).status).toBe(204);
    expect((await world.client.ask(page, 200, "GET", "/api/notices?unread=true")).items).toEqual([]);
    const [read] = (await world.client.ask(page, 200, "GET", "/api/notices")).items;
    expect(read?.readAtMs).toBeGreaterThan(0);
  });
});

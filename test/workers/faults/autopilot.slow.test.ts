import { abortAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { autopilotSchema, type Autopilot, type SetAutopilot } from "../../../contracts/autopilot.ts";
import { projectBudgetSchema } from "../../../contracts/budget.ts";
import { ticketSchema, type Ticket } from "../../../contracts/project.ts";
import { outside } from "../outside/addresses.ts";
import { objectDatabase } from "./d1-faults.ts";
import { resetOutside, until } from "./outside-control.ts";
import { RunWorld, sweepNow } from "./run-world.ts";

beforeEach(resetOutside);
afterEach(() => {
  objectDatabase.heal();
});

const path = (world: RunWorld): string => `/api/projects/${world.projectId}/autopilot`;
const look = (world: RunWorld): Promise<Autopilot> => world.client.ask(autopilotSchema, 200, "GET", path(world));
const steer = (world: RunWorld, change: SetAutopilot): Promise<Autopilot> =>
  world.client.ask(autopilotSchema, 200, "PATCH", path(world), change);

async function addTicket(world: RunWorld, title: string, more: object = {}): Promise<Ticket> {
  const body = { type: "task", title, column: "todo", ...more };
  return world.client.ask(ticketSchema, 201, "POST", `/api/projects/${world.projectId}/tickets`, body);
}

const depend = async (world: RunWorld, ticket: Ticket, other: Ticket): Promise<void> => {
  const response = await world.client.send("PUT", `/api/tickets/${ticket.id}/dependencies/${other.id}`, {});
  expect(response.status).toBe(200);
};

const readTicket = (world: RunWorld, { id }: Ticket): Promise<Ticket> =>
  world.client.ask(ticketSchema, 200, "GET", `/api/tickets/${id}`);

/** The ids of the runs that were started on a ticket. */
async function runsOn(ticket: Ticket): Promise<readonly string[]> {
  const { results } = await env.DB.prepare("select id from run where ticket_id = ? order by id")
    .bind(Number(ticket.id))
    .all<{ id: number }>();
  return results.map(({ id }) => String(id));
}

async function startedRun(ticket: Ticket): Promise<string> {
  const id = await until(async () => (await runsOn(ticket))[0]);
  if (id === undefined) throw new Error(`no run was started on ${ticket.key}`);
  return id;
}

/** Merges a run's pull request at the forge; the run learns it from the sweep that looks at open pull requests. */
async function merge(world: RunWorld, id: string): Promise<void> {
  const { pullRequest } = await world.run(id);
  const address = `${outside.forge}/repos/org-${world.installation}/one/pulls/${pullRequest?.number ?? 0}/merge`;
  expect((await fetch(address, { method: "POST", body: "{}" })).status).toBe(200);
  await env.DB.prepare("update run set pulls_due_at_ms = 1 where id = ?").bind(Number(id)).run();
  await sweepNow();
}

describe("a line of three tickets", () => {
  test("walks by itself: each starts when the pull request of the one before is merged", async () => {
    const world = await RunWorld.make();
    const first = await addTicket(world, "note-line-one");
    const second = await addTicket(world, "note-line-two");
    const third = await addTicket(world, "note-line-three");
    await depend(world, second, first);
    await depend(world, third, second);
    expect(await look(world)).toMatchObject({ level: "off", next: [first.id] });
    expect(await steer(world, { level: "on", slots: 3 })).toMatchObject({ level: "on", slots: 3 });
    for (const ticket of [first, second, third]) {
      const id = await startedRun(ticket);
      await world.reaches(id, ["WAITING_APPROVAL"]);
      expect(await world.run(id)).toMatchObject({
        startedBy: { kind: "rule", name: "Autopilot" },
        ticketId: ticket.id,
      });
      const { running, waiting } = await look(world);
      expect(running).toBe(1);
      expect(waiting.every(({ wait }) => wait.reason === "blocked")).toBe(true);
      await world.approveToEnd(id);
      await merge(world, id);
      expect(await until(async () => ((await readTicket(world, ticket)).column === "done" ? true : undefined))).toBe(
        true,
      );
    }
    expect(await look(world)).toMatchObject({ running: 0, next: [], waiting: [] });
    for (const ticket of [first, second, third]) expect(await runsOn(ticket)).toHaveLength(1);
  });
});

describe("an autopilot", () => {
  test("starts no more runs than it has slots, and each ticket once, also when its object dies in between", async () => {
    const world = await RunWorld.make();
    const tickets = [await addTicket(world, "note-slot-one"), await addTicket(world, "note-slot-two")];
    tickets.push(await addTicket(world, "note-slot-three"));
    objectDatabase.failAt(6, "loses its reply", { every: 5, times: 1 });
    await world.client.send("PATCH", path(world), { level: "on", slots: 2 });
    await abortAllDurableObjects();
    objectDatabase.heal();
    await steer(world, { level: "on" });
    expect(await until(async () => ((await look(world)).running === 2 ? true : undefined))).toBe(true);
    for (const ticket of tickets.slice(0, 2)) await world.reaches(await startedRun(ticket), ["WAITING_APPROVAL"]);
    expect((await Promise.all(tickets.map(runsOn))).map((ids) => ids.length)).toEqual([1, 1, 0]);
    expect((await look(world)).waiting).toEqual([
      { ticketId: tickets[2]?.id, wait: { reason: "no_free_slot", slots: 2 } },
    ]);
  });

  test("leaves a ticket whose run failed until somebody has changed it", async () => {
    const world = await RunWorld.make();
    const ticket = await addTicket(world, "note-fails-once");
    await steer(world, { level: "on" });
    const id = await startedRun(ticket);
    await world.reaches(id, ["WAITING_APPROVAL"]);
    expect((await world.client.send("POST", `/api/runs/${id}/cancel`, {})).status).toBe(200);
    await world.reaches(id, ["CANCELLED"]);
    const isBack = async () => ((await readTicket(world, ticket)).column === "todo" ? true : undefined);
    expect(await until(isBack)).toBe(true);
    expect(await look(world)).toMatchObject({ waiting: [{ ticketId: ticket.id, wait: { reason: "needs_change" } }] });
    const { version } = await readTicket(world, ticket);
    await world.client.ask(ticketSchema, 200, "PATCH", `/api/tickets/${ticket.id}`, { version, title: "note-again" });
    expect(await until(async () => (await runsOn(ticket))[1])).toBeDefined();
  });

  test("that only suggests starts nothing, and a spent budget stops one that is on", async () => {
    const world = await RunWorld.make();
    const ticket = await addTicket(world, "note-suggested");
    expect(await steer(world, { level: "suggest" })).toMatchObject({ level: "suggest", next: [ticket.id] });
    const budget = `/api/projects/${world.projectId}/budget`;
    await world.client.ask(projectBudgetSchema, 200, "PUT", budget, { monthBudgetMicros: 0 });
    expect(await steer(world, { level: "on" })).toMatchObject({
      isBudgetSpent: true,
      next: [],
      waiting: [{ wait: { reason: "budget_spent" } }],
    });
    expect(await runsOn(ticket)).toEqual([]);
    await world.client.ask(projectBudgetSchema, 200, "PUT", budget, { monthBudgetMicros: null });
    await startedRun(ticket);
  });

  test("refuses nonsense with the field that is wrong", async () => {
    const world = await RunWorld.make();
    for (const body of [{}, { level: "fast" }, { slots: 0 }, { slots: 21 }, { slots: 1.5 }, { level: "on", more: 1 }])
      expect((await world.client.send("PATCH", path(world), body)).status, JSON.stringify(body)).toBe(400);
  });
});

import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BoardSlots } from "../../../durable-objects/board/board-slots.ts";
import { countedD1, queryPlan } from "../d1.ts";
import { listSlotRuns } from "../../../worker/db/stores/slots.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import { insertRunRow } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";
import { objectDatabase } from "./d1-faults.ts";

let world: World;

beforeEach(async () => {
  world = await newWorld();
  // The world's own run is a person's, and works.
  await setRun(Number(world.runId), "DONE");
});
afterEach(() => {
  objectDatabase.heal();
});

const place = () => ({ tenantId: Number(world.me.activeTenantId), projectId: Number(world.project.id) });

/** Works with the slots of a project in the storage of its board's object. */
async function withSlots<T>(work: (slots: BoardSlots) => Promise<T> | T): Promise<T> {
  const { projectId } = place();
  return runInDurableObject(env.BOARDS.getByName(`board:${projectId}`), (_object, state) =>
    work(
      new BoardSlots(state.storage.sql, {
        listSlotRuns: (at, holds) => listSlotRuns(createDatabase(objectDatabase.over(env.DB)), at, holds),
        nowMs: () => Date.now(),
      }),
    ),
  );
}
const take = (ticketId: number, slots: number) => withSlots((all) => all.take(place(), ticketId, slots));
const inUse = async () => (await withSlots((all) => all.look(place()))).inUse;

async function setRun(
  id: number,
  state: string,
  more: { readonly ticketId?: number; readonly isOfRule?: boolean } = {},
) {
  const actor = more.isOfRule === true ? JSON.stringify({ kind: "rule", id: "1", name: "Autopilot" }) : null;
  await env.DB.prepare(
    "update run set state = ?, ticket_id = ?, started_by_actor = ?, created_at_ms = ?, finished_at_ms = ? where id = ?",
  )
    .bind(state, more.ticketId ?? null, actor, Date.now(), state === "DONE" ? 1 : null, id)
    .run();
}

describe("a project's slots", () => {
  test("are given to no more of many who ask at once than are free, also when the object dies and D1 fails", async () => {
    const asked = await withSlots((slots) =>
      Promise.all(Array.from({ length: 40 }, (_, index) => slots.take(place(), index + 1, 3))),
    );
    expect(asked.filter((answer) => answer === "taken")).toHaveLength(3);
    await abortAllDurableObjects();
    expect(await take(100, 3)).toBe("full");
    objectDatabase.failAt(1, "fails");
    const refused = async (): Promise<string> => take(100, 4);
    await expect(refused()).rejects.toThrow("D1_ERROR");
    objectDatabase.heal();
    expect(await inUse()).toBe(3);
    expect(await take(100, 4)).toBe("taken");
    expect(await take(100, 9)).toBe("busy");
  });

  test("are held by their run until it has ended, and given back where none was started", async () => {
    const ticketId = Number(world.ticket.id);
    expect(await take(ticketId, 1)).toBe("taken");
    const runId = Number(await insertRunRow(world));
    await setRun(runId, "QUEUED", { ticketId, isOfRule: true });
    await withSlots((slots) => slots.fill(ticketId, runId));
    expect(await take(7, 1)).toBe("full");
    await setRun(runId, "WAITING_APPROVAL", { ticketId, isOfRule: true });
    expect(await take(7, 1)).toBe("full");
    await setRun(runId, "DONE", { ticketId, isOfRule: true });
    expect(await inUse()).toBe(0);
    expect(await take(7, 1)).toBe("taken");
    await withSlots((slots) => slots.release(7));
    expect(await inUse()).toBe(0);
  });

  test("count a person's run while it works, and not while it waits for them", async () => {
    await setRun(Number(world.runId), "CODING");
    expect(await take(7, 1)).toBe("full");
    await setRun(Number(world.runId), "NEEDS_HUMAN");
    expect(await take(7, 1)).toBe("taken");
  });

  test("are not held by runs of another tenant", async () => {
    const stranger = await newWorld();
    await setRun(Number(stranger.runId), "CODING");
    const foreign = { ...place(), projectId: Number(stranger.project.id) };
    expect(await listSlotRuns(createDatabase(env.DB), foreign, [])).toEqual([]);
  });

  test("are counted without reading all runs of the project", async () => {
    const { d1, sent } = countedD1(env.DB);
    await listSlotRuns(createDatabase(d1), place(), [{ ticketId: 7, runId: 9, atMs: 1 }]);
    const plans = await Promise.all(sent.map((query) => queryPlan(env.DB, query)));
    expect(plans.map((plan) => /USING (?:INDEX )?(\w+(?: PRIMARY KEY)?)/u.exec(plan)?.[1])).toEqual([
      "run_state",
      "INTEGER PRIMARY KEY",
      "run_ticket",
    ]);
  });
});

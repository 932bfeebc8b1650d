import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { fold } from "../../../domain/run/fold.ts";
import { objectDatabase } from "./d1-faults.ts";
import { resetOutside, until } from "./outside-control.ts";
import { findRuns, rowState, RunWorld } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

beforeEach(resetOutside);

describe("a run that is read", () => {
  test("is never older than its events, also while the row can't be written", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-row-behind");
    await world.reaches(id, ["WAITING_APPROVAL"]);
    objectDatabase.failAt(1, "fails", { times: 1000, match: /update "run"/u });
    try {
      await world.decide(id);
      const state = async () => fold(await world.events(id)).state;
      expect(await until(async () => ((await state()) === "DONE" ? true : undefined))).toBe(true);
      expect(await world.run(id)).toMatchObject({ state: "DONE", pullRequest: { state: "open" } });
      expect(await rowState(id)).toBe("WAITING_APPROVAL");
    } finally {
      objectDatabase.heal();
    }
  });
});

describe("a row", () => {
  test("is at most a second behind every change of state, while several runs work at once", async () => {
    const world = await RunWorld.make();
    const ids = await Promise.all([0, 1, 2, 3].map(async (n) => (await world.start(`note-busy-${n}`)).id));
    const lags: number[] = [];
    const head = async (id: string): Promise<number> =>
      (await env.DB.prepare("select head_seq as head from run where id = ?").bind(Number(id)).first<{ head: number }>())
        ?.head ?? 0;
    await Promise.all(
      ids.map(async (id) => {
        const watcher = new Watcher(world.client, id);
        await watcher.connect();
        for (let seen = 0; ;) {
          const event = await until(() => watcher.seen[seen]);
          if (event === undefined) throw new Error("no event came");
          seen += 1;
          if (event.type !== "run.state_changed") continue;
          const from = performance.now();
          expect(await until(async () => ((await head(id)) >= event.seq ? true : undefined))).toBe(true);
          lags.push(performance.now() - from);
          if (event.data.to === "WAITING_APPROVAL") break;
        }
        watcher.close();
      }),
    );
    expect(lags).toHaveLength(4 * 5);
    // A machine that stops for a moment delays one of them; a row that waits for a timer delays them all.
    expect(lags.toSorted((a, b) => b - a)[1]).toBeLessThan(1_000);
    expect(Math.max(...lags)).toBeLessThan(5_000);
  });

  test("knows a person's message at once, also while the run is paused", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-paused");
    expect((await world.client.send("POST", `/api/runs/${id}/pause`, {})).status).toBe(200);
    expect((await world.client.send("POST", `/api/runs/${id}/messages`, { text: "Mind the Kolibri" })).status).toBe(
      201,
    );
    expect(await until(async () => ((await findRuns(world, "Kolibri")).includes(id) ? true : undefined), 1_000)).toBe(
      true,
    );
  });
});

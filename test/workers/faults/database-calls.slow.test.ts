import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runSchema } from "../../../contracts/run.ts";
import { fold } from "../../../domain/run/fold.ts";
import { FaultyDatabase, objectDatabase, type D1Fault } from "./d1-faults.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside, until } from "./outside-control.ts";
import { as, closedQueue, ProductApi, rowState, runsOf, RunWorld } from "./run-world.ts";

beforeEach(resetOutside);
afterEach(() => void objectDatabase.heal());

const faults: readonly D1Fault[] = ["fails", "loses its reply"];
const numbers = Array.from({ length: 10 }, (_, index) => index + 1);

/** A start over three repositories makes one call too; the calls behind it are those of a start over one. */
const starts = faults.flatMap((fault) => [
  { fault, lanes: 1, numbers },
  { fault, lanes: 3, numbers: numbers.slice(0, 1) },
]);

describe("a start whose nth call to D1", () => {
  test.each(starts)(
    "$fault makes one run over $lanes or none, and the client's retry answers with one",
    async (start) => {
      const { fault } = start;
      const world = await RunWorld.make(start.lanes);
      let broke = 0;
      const ids: string[] = [];
      for (const nth of start.numbers) {
        const key = `start-${fault.length}-${nth}`;
        const database = new FaultyDatabase();
        const client = as(world.client, new ProductApi({ DB: database.over(env.DB), QUEUE: closedQueue }));
        database.failAt(nth, fault);
        const request = world.request(`note-start-${nth}`, { idempotencyKey: key });
        const first = await client.send("POST", "/api/runs", request);
        if (first.status !== 201) {
          broke += 1;
          expect(first.status).toBe(500);
          expect(await first.text()).not.toContain("the test's fault");
        }
        expect(await runsOf(world, key)).toBeLessThanOrEqual(1);
        database.heal();
        const run = await client.ask(runSchema, 201, "POST", "/api/runs", request);
        ids.push(run.id);
        const written = async (): Promise<true | undefined> => ((await runsOf(world, key)) === 1 ? true : undefined);
        expect(await until(written)).toBe(true);
      }
      expect(broke, "one call is needed for the answer").toBe(1);
      for (const id of ids) {
        // Neither queue nor sweep was there to help: the retry itself sees to it that the run starts.
        await world.reaches(id, ["WAITING_APPROVAL"]);
        await checkRun(world, id);
      }
    },
  );
});

describe("a run of which the nth call to D1", () => {
  test.each(faults.flatMap((fault) => numbers.map((nth) => [nth, fault] as const)))(
    "number %i %s goes on, and its row catches up",
    async (nth, fault) => {
      const world = await RunWorld.shared();
      objectDatabase.failAt(nth, fault);
      const { id } = await world.start(`note-projection-${nth}`);
      const rests = async (): Promise<true | undefined> =>
        fold(await world.events(id)).state === "WAITING_APPROVAL" ? true : undefined;
      expect(await until(rests)).toBe(true);
      // A row that is behind is written again by the object's alarm, which need not be waited for.
      const catchesUp = async (): Promise<true | undefined> => {
        if ((await rowState(id)) === "WAITING_APPROVAL") return true;
        await world.afterAlarm(id);
        return undefined;
      };
      expect(await until(catchesUp)).toBe(true);
      await world.approveToEnd(id);
      await checkRun(world, id);
    },
  );

  test("that writes its row fails for a while leaves the run going, and the row catches up by itself", async () => {
    const world = await RunWorld.shared();
    objectDatabase.failAt(1, "fails", { times: 1_000, match: /^update "run"/u });
    const { id } = await world.start("note-projection-down");
    const done = async (): Promise<true | undefined> =>
      (await world.events(id)).at(-1)?.type === "run.state_changed" &&
      (await world.events(id)).some(({ type }) => type === "patch_set.proposed")
        ? true
        : undefined;
    expect(await until(done)).toBe(true);
    expect(await rowState(id), "the row knows nothing of it").not.toBe("WAITING_APPROVAL");
    objectDatabase.heal();
    await world.reaches(id, ["WAITING_APPROVAL"], 8_000);
    await checkRun(world, id);
  });
});

describe("a delivery over three repositories of which every 25th call to D1", () => {
  // The first that goes wrong is another for each fault, so that they fall on other writes of other repositories.
  test.each([
    { fault: "fails", first: 3 },
    { fault: "loses its reply", first: 14 },
  ] as const)("$fault writes each repository once, and the row catches up", async ({ fault, first }) => {
    const world = await RunWorld.shared(3);
    const { id } = await world.start(`note-delivery-${first}`);
    await world.reaches(id, ["WAITING_APPROVAL"]);
    objectDatabase.failAt(first, fault, { every: 25 });
    await world.decide(id);
    const ends = async (): Promise<true | undefined> =>
      fold(await world.events(id)).state === "DONE" ? true : undefined;
    expect(await until(ends, 20_000)).toBe(true);
    expect(objectDatabase.heal(), "calls of the delivery").toBeGreaterThan(50);
    await world.reaches(id, ["DONE"], 8_000);
    await checkRun(world, id);
  });
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fold } from "../../../domain/run/fold.ts";
import { objectDatabase, type D1Fault } from "./d1-faults.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside, until } from "./outside-control.ts";
import { rowState, RunWorld } from "./run-world.ts";

beforeEach(resetOutside);
afterEach(() => void objectDatabase.heal());

const faults: readonly D1Fault[] = ["fails", "loses its reply"];
const numbers = Array.from({ length: 10 }, (_, index) => index + 1);

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

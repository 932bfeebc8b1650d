import { beforeEach, expect, test } from "vitest";
import type { RunState } from "../../../contracts/run.ts";
import { checkRun } from "./invariants.ts";
import { clearFaults, heldRequest, planFault, resetOutside } from "./outside-control.ts";
import { RunWorld } from "./run-world.ts";
import { storeAsVersion1, storedVersions } from "./version-1.ts";

beforeEach(resetOutside);

interface Moment {
  readonly state: RunState;
  /** The request that is under way when the code changes, and the number of such requests before it. */
  readonly match: string;
  readonly skip: number;
}

const modelCall = "POST .*/v1/messages";
const early: readonly Moment[] = [
  { state: "TRIAGING", match: modelCall, skip: 0 },
  { state: "ARCHITECTING", match: modelCall, skip: 1 },
  { state: "PLANNING", match: modelCall, skip: 2 },
  { state: "CODING", match: modelCall, skip: 4 },
  { state: "REVIEWING", match: modelCall, skip: 6 },
  { state: "TESTING", match: "POST .*/exec", skip: 1 },
];
const late: readonly Moment[] = [
  { state: "APPLYING", match: "POST .*/git/commits", skip: 0 },
  { state: "APPLYING", match: "POST .*/pulls", skip: 0 },
];

async function meanwhile(world: RunWorld, id: string, { match, state }: Moment): Promise<void> {
  expect(await heldRequest()).toMatch(new RegExp(match, "u"));
  await world.reaches(id, [state]);
  await storeAsVersion1(id);
  expect(await storedVersions(id)).toEqual([1]);
  await clearFaults();
}

test.each(early)("a run of version 1 in the middle of $state goes on to its end", async (moment) => {
  const world = await RunWorld.shared();
  await planFault({ match: moment.match, skip: moment.skip, how: "hold_before" });
  const { id } = await world.start(`note-version-1-${moment.state.toLowerCase()}`, { mode: "feature" });
  await meanwhile(world, id, moment);
  expect((await world.approveToEnd(id)).state).toBe("DONE");
  await checkRun(world, id, { lostCalls: 1 });
});

test.each(late)("a run of version 1 in the middle of $state ($match) writes nothing twice", async (moment) => {
  const world = await RunWorld.shared();
  const { id } = await world.start("note-version-1-applying", { mode: "feature" });
  await world.reaches(id, ["WAITING_APPROVAL"]);
  await planFault({ match: moment.match, skip: moment.skip, how: "hold_after" });
  await world.decide(id);
  await meanwhile(world, id, moment);
  expect((await world.reaches(id, ["DONE", "NEEDS_HUMAN"])).state).toBe("DONE");
  await checkRun(world, id, { lostCalls: 1 });
});

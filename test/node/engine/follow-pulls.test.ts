import { afterEach, beforeEach, expect, it } from "vitest";
import { projectRun } from "../../../domain/run/projection.ts";
import { laneStatus } from "../../../domain/run/lanes.ts";
import { followsPulls } from "../../../domain/run/watch.ts";
import { effectsOf } from "../../../domain/run/effects.ts";
import { followPulls } from "../../../worker/services/run/engine/follow-pulls.ts";
import { EngineHarness } from "./harness.ts";
import { approvedRun, laneIn } from "./lane-steps.ts";

let harness: EngineHarness;

beforeEach(async () => {
  harness = await approvedRun();
  await harness.drive();
  expect(view().state).toBe("DONE");
});
afterEach(async () => harness.close());

const view = () => harness.journal.view();
const row = () => projectRun(view(), harness.events().length, harness.nowMs);
const look = () => followPulls(harness.deps, harness.journal);
const updates = () => harness.events().filter(({ type }) => type === "pull_request.updated");

it("a pull request that is closed, reopened and merged after the end is known, and the end stays what it was", async () => {
  const ended = row();
  expect(ended.finishedAtMs).not.toBeNull();
  for (const state of ["closed", "open", "merged"] as const) {
    harness.nowMs += 3_600_000;
    harness.forge.repository.pullChanges = { state };
    await look();
    expect(laneIn(harness, "1").pullRequest?.state).toBe(state);
    expect(row()).toMatchObject({ state: "DONE", prState: state, finishedAtMs: ended.finishedAtMs });
    expect(row().hasOpenPulls, state).toBe(state === "open");
    const [event] = updates().slice(-1);
    const causes = event === undefined ? [] : effectsOf(event, view(), { parentRunId: "9", command: undefined });
    expect(causes.map(({ kind }) => kind)).toEqual(["projection"]);
  }
  expect(laneStatus(laneIn(harness, "1"))).toBe("merged");
  expect(followsPulls(view())).toBe(false);
  harness.forge.repository.pullChanges = { state: "closed" };
  await look();
  expect(updates()).toHaveLength(3);
});

it("nothing is recorded twice, nor where the pull request is as it was, nor for a push to it", async () => {
  await look();
  harness.forge.repository.pullChanges = { headCommit: "f".repeat(40) };
  await look();
  expect(updates()).toEqual([]);
  harness.forge.repository.pullChanges = { state: "closed" };
  await Promise.all([look(), look()]);
  expect(updates()).toHaveLength(1);
});

it("a run that works is not touched by it", async () => {
  const working = EngineHarness.start({ "README.md": "# One\n" });
  try {
    working.begin("implement");
    await followPulls(working.deps, working.journal);
    expect(working.events()).toHaveLength(1);
    expect(followsPulls(working.journal.view())).toBe(false);
  } finally {
    await working.close();
  }
});

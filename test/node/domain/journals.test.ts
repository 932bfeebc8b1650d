import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { eventVersion, runEventPayloads, runEventSchema, type RunEvent } from "../../../contracts/run-events.ts";
import { applyEvent, emptyView, fold, type RunView } from "../../../domain/run/fold.ts";
import { nextStep } from "../../../domain/run/next.ts";
import { rowOf } from "../../../domain/run/projection-check.ts";
import { chosenLanes, firstLane } from "../../../domain/run/lanes.ts";
import { upgradeLog } from "../../../domain/run/upgrade.ts";

/*
 * Logs of runs as they were once stored. They must always fold: fixtures are never regenerated, only added. `older-*` has what
 * stood in logs before fields were added to its payloads.
 */
const folder = path.join(import.meta.dirname, "../../fixtures/journals");
const journalSchema = z.object({ expected: z.record(z.string(), z.unknown()), events: z.array(runEventSchema) });

const journals = readdirSync(folder).map((name) => ({
  name,
  ...journalSchema.parse(JSON.parse(readFileSync(path.join(folder, name), "utf8"))),
}));

/** As the run's store gives them. */
function stored(events: z.output<typeof journalSchema>["events"]): readonly RunEvent[] {
  return [...upgradeLog(events)];
}

function summary(view: RunView): Readonly<Record<string, unknown>> {
  const lane = firstLane(view);
  return {
    mode: view.mode,
    state: view.state,
    cause: view.cause,
    totalTurns: view.totalTurns,
    costMicros: view.costMicros,
    inputTokens: view.inputTokens,
    outputTokens: view.outputTokens,
    baseCommit: lane.baseCommit,
    patchSet: lane.patchSet?.hash ?? null,
    proposal: view.proposal?.hash ?? null,
    approval: (view.approval ?? lane.approval)?.decision ?? null,
    pullRequest: lane.pullRequest?.number ?? null,
    artifacts: Object.keys(view.artifacts).sort(),
    gates: Object.values({ ...view.gates, ...lane.gates })
      .map(({ gate, status }) => `${gate} ${status}`)
      .sort(),
    queue: view.queue.length,
  };
}

describe("a stored log", () => {
  it("is there of every mode", () => {
    const modes = new Set(journals.map(({ expected }) => expected["mode"]));
    expect(modes).toEqual(new Set(["plan", "implement", "bugfix", "review", "feature"]));
    expect(journals.some(({ name }) => name.startsWith("older-"))).toBe(true);
  });

  it.each(journals)("$name folds to what it meant", ({ events, expected }) => {
    expect(summary(fold(stored(events)))).toEqual(expected);
  });

  it.each(journals)("$name fits today's schemas once it is upgraded, and nothing of it is lost", ({ events }) => {
    for (const event of stored(events)) {
      expect(event.v, event.type).toBe(eventVersion(event.type));
      expect(runEventPayloads[event.type].parse(event.data), `event ${event.seq}, ${event.type}`).toEqual(event.data);
    }
  });

  it("keeps that a stage's report did not fit, under the name that it has today", () => {
    const [finished] = stored(journals.flatMap(({ events }) => events)).filter(({ type }) => type === "tool.finished");
    const { invalidReport: _new, ...data } = { invalidReport: undefined, ...finished?.data };
    for (const misfit of [true, false]) {
      const event = { seq: 1, atMs: 1, v: 2, type: "tool.finished", data: { ...data, misfit } } as const;
      expect(stored([event])[0]).toMatchObject({ v: 3, data: { ...data, invalidReport: misfit } });
    }
  });

  it.each(journals)("$name of one repository has one lane at the workspace's root", ({ events }) => {
    const lanes = chosenLanes(fold(stored(events)));
    expect(lanes).toMatchObject([{ folder: "", isChosen: true }]);
  });

  it.each(journals)("$name has a next step after every event, and a row", ({ events }) => {
    let view = emptyView;
    for (const event of stored(events)) {
      view = applyEvent(view, event);
      expect(nextStep(view, event.atMs).kind).toBeTypeOf("string");
    }
    const last = events.at(-1);
    expect(rowOf(() => stored(events), last?.seq ?? 0)).toMatchObject({ state: view.state, updatedAtMs: last?.atMs });
  });
});

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { runEventPayloads, runEventSchema, runEventTypes, type RunEvent } from "../../../contracts/run-events.ts";
import { applyEvent, emptyView, fold, type RunView } from "../../../domain/run/fold.ts";
import { nextStep } from "../../../domain/run/next.ts";
import { rowOf } from "../../../domain/run/projection-check.ts";
import { upgradeEvent } from "../../../domain/run/upgrade.ts";

/*
 * Logs of runs as they were once stored. They fold for ever: a fixture is never made anew, new ones stand beside it. `older-*` has what
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
  return events.map((event) => upgradeEvent(event as RunEvent));
}

function summary(view: RunView): Readonly<Record<string, unknown>> {
  return {
    mode: view.mode,
    state: view.state,
    cause: view.cause,
    totalTurns: view.totalTurns,
    costMicros: view.costMicros,
    inputTokens: view.inputTokens,
    outputTokens: view.outputTokens,
    baseCommit: view.baseCommit,
    patchSet: view.patchSet?.hash ?? null,
    proposal: view.proposal?.hash ?? null,
    approval: view.approval?.decision ?? null,
    pullRequest: view.pullRequest?.number ?? null,
    artifacts: Object.keys(view.artifacts).sort(),
    gates: Object.values(view.gates)
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

  it.each(journals)("$name is read by clients as it is by the fold", ({ events }) => {
    for (const event of events) {
      const upgraded = upgradeEvent(event as RunEvent);
      expect(runEventPayloads[event.type].parse(event.data), `event ${event.seq}, ${event.type}`).toEqual(
        upgraded.data,
      );
    }
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

describe("a field that a payload got later", () => {
  const defaults = runEventTypes.flatMap((type) =>
    Object.entries(runEventPayloads[type].shape).flatMap(([field, schema]) =>
      schema instanceof z.ZodDefault ? [[type, field, schema.parse(undefined)] as const] : [],
    ),
  );

  it.each(defaults)("%s.%s means its schema's default in older events too", (type, field, value) => {
    const older = { seq: 1, atMs: 0, v: 1, type, data: {} } as unknown as RunEvent;
    expect(upgradeEvent(older).data).toHaveProperty(field, value);
  });
});

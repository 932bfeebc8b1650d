import { describe, expect, test } from "vitest";
import { eventVersion, type NewRunEvent, type RunEvent } from "../../../contracts/run-events.ts";
import { applyEvent, emptyView, type RunView } from "../../../domain/run/fold.ts";
import { choiceEffect, mayChangeRepositories, moved, needsOrder } from "../../../web/features/run/model/choice.ts";
import { historyOf } from "../../../web/features/run/model/history.ts";
import { laneNameOf, laneNames, listed } from "../../../web/features/run/model/lane-names.ts";
import { lanePatchSet, lanesOf, laneWaits } from "../../../web/features/run/model/lanes.ts";
import { emptyRunPage, reduce } from "../../../web/features/run/reduce.ts";
import { ada, runCreated } from "../../fakes/run-start.ts";

const hash = "b".repeat(64);
const units = { id: "1", owner: "lime", name: "units", baseBranch: "main", folder: "units", dependsOn: [] };
const report = { ...units, id: "2", name: "report", folder: "report" };
const started = runCreated({ repositories: [units, report] });
const by = { kind: "person", ...ada } as const;

const waiting: NewRunEvent = {
  type: "run.state_changed",
  data: { from: "PATCHES_PROPOSED", to: "WAITING_APPROVAL", trigger: "policy_passed", cause: null },
};
const proposed: NewRunEvent = {
  type: "patch_set.proposed",
  data: {
    hash,
    version: 1,
    repositoryId: "1",
    baseCommit: "a".repeat(40),
    headBranch: "lime/1",
    parentCommit: null,
    title: "t",
    summary: "",
    patches: [],
    tasks: [],
    companions: [],
    coAuthors: [],
  },
};
const withdrawn: NewRunEvent = { type: "patch_set.withdrawn", data: { repositoryId: "1", hash } };
const knotted: NewRunEvent = {
  type: "lanes.ordered",
  data: {
    order: ["1", "2"],
    edges: [
      { from: "1", to: "2", because: "the project says so" },
      { from: "2", to: "1", because: "it depends on units ^1.2.0" },
    ],
    cycle: ["1", "2"],
    by: { kind: "system", name: "dependency order" },
  },
};
const stopped: NewRunEvent = {
  type: "run.state_changed",
  data: { from: "CODING", to: "NEEDS_HUMAN", trigger: "human_needed", cause: "They depend on each other." },
};

function numbered(events: readonly NewRunEvent[]): RunEvent[] {
  return events.map((event, index) => ({ ...event, seq: index + 1, atMs: index, v: eventVersion(event.type) }));
}
const viewOf = (...events: readonly NewRunEvent[]): RunView =>
  numbered(events).reduce((view, event) => applyEvent(view, event), emptyView);
const pageOf = (...events: readonly NewRunEvent[]) => reduce(emptyRunPage, { t: "events", events: numbered(events) });

describe("the choice of repositories", () => {
  test("is open to a run over several until a pull request is on its way", () => {
    expect(mayChangeRepositories(viewOf(started))).toBe(true);
    expect(mayChangeRepositories(viewOf(started, waiting))).toBe(true);
    expect(mayChangeRepositories(viewOf(runCreated({ repositories: [units] })))).toBe(false);
    expect(mayChangeRepositories({ ...viewOf(started), state: "APPLYING" })).toBe(false);
    expect(mayChangeRepositories({ ...viewOf(started), state: "DONE" })).toBe(false);
    const opened: NewRunEvent = {
      type: "pull_request.opened",
      data: { repositoryId: "1", number: 3, url: "u", branch: "lime/1", commit: "c".repeat(40), state: "open" },
    };
    expect(mayChangeRepositories(viewOf(started, opened))).toBe(false);
    expect(mayChangeRepositories({ ...viewOf(started), state: "NEEDS_HUMAN", returnTo: "APPLYING" })).toBe(false);
  });

  test("says its consequence before it is sent: an addition goes back to the coder, a removal withdraws", () => {
    const chosen: NewRunEvent = { type: "repositories.chosen", data: { repositoryIds: ["1"], reasons: [], by } };
    expect(choiceEffect(viewOf(started), ["2", "1"])).toBeNull();
    expect(choiceEffect(viewOf(started), ["1"])).toMatch(/step under way ends/);
    expect(choiceEffect(viewOf(started, proposed, waiting), ["1"])).toMatch(/is withdrawn/);
    expect(choiceEffect(viewOf(started, proposed, waiting), ["2"])).toMatch(/back to the coder/);
    expect(choiceEffect({ ...viewOf(started, waiting), mode: "plan" }, ["1"])).toMatch(/back to the planner/);
    expect(choiceEffect(viewOf(started, chosen, waiting), ["1", "2"])).toMatch(/back to the coder/);
    expect(choiceEffect(viewOf(started, chosen, waiting), ["2"])).toMatch(/back to the coder/);
  });
});

describe("the order of repositories", () => {
  test("is requested while the run waits because its repositories depend on each other, with the reasons", () => {
    expect(needsOrder(viewOf(started, knotted))).toBe(false);
    expect(needsOrder(viewOf(started, knotted, stopped))).toBe(true);
    expect(historyOf(pageOf(started, knotted).log).cycleEdges.map(({ because }) => because)).toEqual([
      "the project says so",
      "it depends on units ^1.2.0",
    ]);
    const sorted: NewRunEvent = { type: "lanes.ordered", data: { order: ["2", "1"], edges: [], cycle: [], by } };
    expect(needsOrder(viewOf(started, knotted, stopped, sorted))).toBe(false);
    expect(historyOf(pageOf(started, knotted, sorted).log).cycleEdges).toEqual([]);
  });

  test("shows no repository after one that a person put behind it", () => {
    const sorted: NewRunEvent = { type: "lanes.ordered", data: { order: ["2", "1"], edges: [], cycle: [], by } };
    const after = (...events: readonly NewRunEvent[]) => {
      const { log, view } = pageOf(...events);
      return lanesOf(view, historyOf(log)).map(({ dependsOn, name }) => [name, dependsOn]);
    };
    expect(after(started, knotted)).toEqual([
      ["units", []],
      ["report", []],
    ]);
    expect(after(started, knotted, sorted)).toEqual([
      ["report", []],
      ["units", ["2"]],
    ]);
  });

  test("moves one place at a time and stops at the ends", () => {
    expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });
});

describe("a withdrawn patch set", () => {
  const lanesAt = (...events: readonly NewRunEvent[]) => {
    const { log, view } = pageOf(...events);
    return lanesOf(view, historyOf(log));
  };

  test("stays readable and no longer waits, until the same content is proposed again", () => {
    const [before] = lanesAt(started, proposed, waiting);
    const [after] = lanesAt(started, proposed, withdrawn, waiting);
    const [again] = lanesAt(started, proposed, withdrawn, proposed, waiting);
    expect(before !== undefined && laneWaits(before, "WAITING_APPROVAL")).toBe(true);
    expect(lanePatchSet(after)?.hash).toBe(hash);
    expect(after !== undefined && laneWaits(after, "WAITING_APPROVAL")).toBe(false);
    expect(again !== undefined && laneWaits(again, "WAITING_APPROVAL")).toBe(true);
  });
});

describe("names of repositories", () => {
  test("stand before the lines of a run over several, and of no other", () => {
    expect(laneNameOf(laneNames(viewOf(started).created), withdrawn.data)).toBe("units");
    expect(laneNameOf(laneNames(viewOf(started).created), { repositoryId: null })).toBeNull();
    expect(laneNameOf(laneNames(viewOf(started).created), {})).toBeNull();
    expect(laneNameOf(laneNames({ repositories: [units] }), withdrawn.data)).toBeNull();
  });

  test("have their owner where two are called the same", () => {
    const names = laneNames({ repositories: [units, { ...units, id: "3", owner: "acme" }, report] });
    expect([...names.values()]).toEqual(["lime/units", "acme/units", "report"]);
  });

  test("are listed as a sentence does", () => {
    expect([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])]).toEqual([
      "",
      "a",
      "a and b",
      "a, b and c",
    ]);
  });

  test("the transcript has a row for each of choice, order, versions and withdrawal", () => {
    const chosen: NewRunEvent = { type: "repositories.chosen", data: { repositoryIds: ["1", "2"], reasons: [], by } };
    const compared: NewRunEvent = { type: "versions.compared", data: { packages: [] } };
    const { rows } = pageOf(started, chosen, knotted, compared, proposed, withdrawn);
    expect(rows.map((row) => (row.kind === "noted" ? row.event.type : row.kind))).toEqual([
      "run.created",
      "repositories.chosen",
      "lanes.ordered",
      "versions.compared",
      "patch_set.proposed",
      "patch_set.withdrawn",
    ]);
  });
});

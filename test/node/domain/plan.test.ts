import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { planSchema, type Plan, type PlanTask } from "../../../contracts/plan.ts";
import { planHash } from "../../../domain/patch-set/plan-hash.ts";
import { planArtifact } from "../../../domain/plan/artifact.ts";
import { findRepository, planProblem } from "../../../domain/plan/check.ts";
import { ancestorsOf, circleOf, keepTasks, parentTypes } from "../../../domain/plan/tasks.ts";
import { Chance } from "../../simulation/chance.ts";

const item = (title: string, type: PlanTask["type"], more: Partial<PlanTask> = {}): PlanTask => ({
  title,
  type,
  description: "",
  acceptance_criteria: [],
  depends_on: [],
  ...more,
});
const planOf = (...tasks: PlanTask[]): Plan => ({ summary: "s", tasks });
const repositories = [
  { id: "1", owner: "lime", name: "units", folder: "units" },
  { id: "2", owner: "lime", name: "app", folder: "app" },
];

describe("a plan as it was stored before its items had parents", () => {
  const journal = z
    .object({ events: z.array(z.object({ type: z.string(), data: z.record(z.string(), z.unknown()) })) })
    .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, "../../fixtures/journals/plan.json"), "utf8")));
  const dataOf = (type: string) => journal.events.find((event) => event.type === type)?.data;
  const proposal = dataOf("proposal.made");
  const artifact = dataOf("artifact.created");

  test("still fits the schema, and its hash is the one that was approved", () => {
    const plan = planSchema.parse(artifact?.["data"]);
    expect(planHash(String(proposal?.["baseCommit"]), plan)).toBe(proposal?.["hash"]);
    expect(planProblem(plan, repositories)).toBeUndefined();
  });

  test("reads as the same document", () => {
    expect(planArtifact(planSchema.parse(artifact?.["data"])).markdown).toBe(artifact?.["markdown"]);
  });
});

describe("the check of a plan", () => {
  const epic = item("E", "epic");
  const story = item("S", "story", { parent: 0 });

  test.each([
    [
      "a tree with dependencies",
      planOf(epic, story, item("T", "task", { parent: 1 }), item("B", "bug", { parent: 1, depends_on: [2] })),
    ],
    ["a flat list", planOf(item("A", "task"), item("B", "task", { depends_on: [0] }))],
    ["a task that is part of an epic", planOf(epic, item("T", "task", { parent: 0 }))],
    [
      "repositories by folder, name, and owner and name",
      planOf(item("A", "task", { repository: "app" }), item("B", "task", { repository: "lime/units" })),
    ],
  ])("takes %s", (_name, plan) => {
    expect(planProblem(plan, repositories)).toBeUndefined();
  });

  test.each([
    ["itself as parent", planOf(item("S", "story", { parent: 0 })), /names itself as its parent. Leave parent out/],
    ["a later parent", planOf(item("S", "story", { parent: 1 }), epic), /comes after it. Put the parent first/],
    ["a parent that is not there", planOf(epic, item("S", "story", { parent: 7 })), /the list ends with 1/],
    ["an epic in an epic", planOf(epic, item("F", "epic", { parent: 0 })), /can't be part of another item/],
    ["a story in a story", planOf(item("R", "story"), item("S", "story", { parent: 0 })), /name an epic/],
    ["a task in a task", planOf(item("A", "task"), item("B", "task", { parent: 0 })), /name a story or an epic/],
    ["a dependency on itself", planOf(item("A", "task", { depends_on: [0] })), /depends on itself. Take 0 out/],
    [
      "a dependency on a later item",
      planOf(item("A", "task", { depends_on: [1] }), item("B", "task")),
      /Put 1 before it/,
    ],
    [
      "a circle",
      planOf(item("A", "task", { depends_on: [1] }), item("B", "task", { depends_on: [0] })),
      /take one of the two/,
    ],
    [
      "a dependency on its own story",
      planOf(epic, story, item("T", "task", { parent: 1, depends_on: [0] })),
      /which it is part of/,
    ],
    [
      "a story that is done after its task and before it",
      planOf(
        epic,
        story,
        item("R", "story", { parent: 0, depends_on: [1] }),
        item("T", "task", { parent: 1, depends_on: [2] }),
      ),
      /in a circle: 1 -> 3 -> 2 -> 1. An item waits for all that it depends on and for its parts/,
    ],
    ["a dependency on nothing", planOf(item("A", "task", { depends_on: [4] })), /the list ends with 0/],
    ["a repository of others", planOf(item("A", "task", { repository: "secrets" })), /Name one of: units, app/],
    ["an empty title", planOf(item("  ", "task")), /empty title/],
  ])("refuses %s and says what to do", (_name, plan, sentence) => {
    expect(planProblem(plan, repositories)).toMatch(sentence);
  });

  test("a folder is taken before a name, so that two repositories of one name are told apart", () => {
    const twins = [
      { id: "1", owner: "a", name: "app", folder: "a-app" },
      { id: "2", owner: "b", name: "other", folder: "app" },
    ];
    expect(findRepository(twins, "app")?.id).toBe("2");
    expect(findRepository(twins, "a/app")?.id).toBe("1");
  });
});

describe("leaving items out", () => {
  test("closes up parents and dependencies", () => {
    const tasks = [
      item("E", "epic"),
      item("S", "story", { parent: 0 }),
      item("A", "task", { parent: 1 }),
      item("B", "task", { parent: 1, depends_on: [2] }),
      item("C", "task", { parent: 1, depends_on: [3] }),
      item("R", "story", { parent: 0, depends_on: [1] }),
    ];
    const kept = keepTasks(tasks, (index) => index !== 1 && index !== 3);
    expect(kept.map(({ depends_on: after, parent, title }) => [title, parent, after])).toEqual([
      ["E", undefined, []],
      ["A", 0, []],
      ["C", 0, [1]],
      ["R", 0, []],
    ]);
  });

  test("of any plan and any choice gives a plan that can be made, in the same order, with each wait that is left", () => {
    const chance = new Chance(11);
    let drawn = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const tasks = drawPlan(chance);
      if (circleOf(tasks) !== undefined) continue;
      drawn += 1;
      expect(planProblem({ summary: "s", tasks: [...tasks] }, repositories), "the drawn plan").toBeUndefined();
      const chosen = tasks.map(() => chance.happens(0.6));
      const kept = keepTasks(tasks, (index) => chosen[index] ?? false);
      const places = chosen.flatMap((isChosen, index) => (isChosen ? [index] : []));
      expect(kept.map(({ title }) => title)).toEqual(places.map((index) => tasks[index]?.title));
      if (kept.length === 0) continue;
      expect(planProblem(planSchema.parse({ summary: "s", tasks: kept }), repositories)).toBeUndefined();
      for (const [at, index] of places.entries()) {
        const above = new Set(ancestorsOf(tasks, index));
        const waits = waitsOf(tasks, index).filter((other) => chosen[other] && !above.has(other));
        const left = waitsOf(kept, at).map((other) => places[other]);
        // Everything that is left of what it waited for, by whatever way, it still waits for, and nothing more.
        expect(left).toEqual(expect.arrayContaining(waits.filter((other) => isNearest(tasks, chosen, index, other))));
        expect(waitsOf(tasks, index)).toEqual(expect.arrayContaining(left));
      }
    }
    expect(drawn).toBeGreaterThan(1_000);
  });
});

/** Whether a way of dependencies leads from an item to another over items that are left out alone. */
function isNearest(tasks: readonly PlanTask[], chosen: readonly boolean[], from: number, to: number): boolean {
  return (tasks[from]?.depends_on ?? []).some(
    (other) => other === to || (chosen[other] !== true && isNearest(tasks, chosen, other, to)),
  );
}

/** All that an item waits for, by whatever way. */
function waitsOf(tasks: readonly PlanTask[], index: number): readonly number[] {
  const seen = new Set<number>();
  const open = [...(tasks[index]?.depends_on ?? [])];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(tasks[at]?.depends_on ?? []));
  }
  return [...seen];
}

function drawPlan(chance: Chance): readonly PlanTask[] {
  const count = 1 + chance.int(12);
  const tasks: PlanTask[] = [];
  for (let index = 0; index < count; index += 1) {
    const type = chance.pick(["epic", "story", "task", "bug"] as const);
    const parents = tasks.flatMap((task, at) => (parentTypes[type].includes(task.type) ? [at] : []));
    const parent = chance.happens(0.7) ? parents[chance.int(Math.max(1, parents.length))] : undefined;
    const task = item(`T${index}`, type, parent === undefined ? {} : { parent });
    const above = ancestorsOf([...tasks, task], index);
    const after = tasks.flatMap((_task, at) => (!above.includes(at) && chance.happens(0.25) ? [at] : []));
    tasks.push({ ...task, depends_on: after });
  }
  return tasks;
}

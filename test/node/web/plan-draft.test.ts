import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planSchema, type Plan, type PlanTask } from "../../../contracts/plan.ts";
import { planProblem } from "../../../domain/plan/check.ts";
import {
  draftOf,
  isSamePlan,
  planOf,
  rebased,
  type PlanDraft,
  type PlanItem,
} from "../../../web/features/run/plan/draft.ts";
import {
  added,
  changed,
  countWords,
  dependencyChoices,
  moved,
  parentChoices,
  removed,
  retyped,
  toggled,
  treeRows,
} from "../../../web/features/run/plan/edits.ts";

const item = (title: string, type: PlanTask["type"], more: Partial<PlanTask> = {}): PlanTask => ({
  title,
  type,
  description: "",
  acceptance_criteria: [],
  depends_on: [],
  ...more,
});
const plan: Plan = {
  summary: "s",
  tasks: [
    item("E", "epic", { owner_role: "pm", stage: "backlog" }),
    item("S", "story", { parent: 0 }),
    item("A", "task", { parent: 1, labels: [] }),
    item("B", "task", { parent: 1, depends_on: [2], priority: "none" }),
    item("R", "story", { parent: 0, depends_on: [1] }),
    item("C", "bug", { parent: 4, depends_on: [3], repository: "app" }),
  ],
};
const draft = draftOf(plan, "h1");
const withItems = (items: readonly PlanItem[]): PlanDraft => ({ ...draft, items, isTouched: true });
const linesOf = ({ tasks }: Plan) =>
  tasks.map(({ depends_on: after, parent, title }) => [
    title,
    parent === undefined ? null : tasks[parent]?.title,
    after.map((at) => tasks[at]?.title),
  ]);

describe("the draft of a plan", () => {
  test("that nobody touched is the plan, field by field, so that its hash stays", () => {
    expect(planOf(draft, "all")).toEqual(plan);
    expect(planOf(draft, "chosen")).toEqual(plan);
  });

  test("stands in an order that the server takes after a person made an early item wait for a later one", () => {
    const items = changed(moved(draft.items, "2", "4"), "2", { dependsOn: [] });
    const waits = changed(items, "1", { dependsOn: ["5"] });
    // S came before R, and R waited for it: that way round is closed first.
    const open = changed(waits, "4", { dependsOn: [] });
    const next = changed(open, "5", { dependsOn: [] });
    const made = planOf(withItems(next), "all");
    expect(planProblem(made, [{ id: "1", owner: "o", name: "app", folder: "" }])).toBeUndefined();
    expect(linesOf(made)).toContainEqual(["S", "E", ["C"]]);
  });

  test("offers no parent and no dependency that would close a circle", () => {
    expect(dependencyChoices(draft.items, "1").map(({ title }) => title)).toEqual([]);
    // R waits for the story that A is part of.
    expect(dependencyChoices(draft.items, "2").map(({ title }) => title)).toEqual([]);
    expect(dependencyChoices(draft.items, "5").map(({ title }) => title)).toEqual(["S", "A"]);
    expect(dependencyChoices(draft.items, "5").map(({ title }) => title)).toEqual(["S", "A"]);
    expect(parentChoices(draft.items, "2").map(({ title }) => title)).toEqual(["E", "S", "R"]);
    expect(parentChoices(draft.items, "5").map(({ title }) => title)).toEqual(["E", "S", "R"]);
    expect(parentChoices(draft.items, "0")).toEqual([]);
  });

  test("leaves a story out with its parts, and what waited for them waits for what they waited for", () => {
    const chosen = planOf(withItems(toggled(draft.items, "1")), "chosen");
    expect(linesOf(chosen)).toEqual([
      ["E", null, []],
      ["R", "E", []],
      ["C", "R", []],
    ]);
  });

  test("lets the parts of a story that became a task go to its epic", () => {
    expect(linesOf(planOf(withItems(retyped(draft.items, "1", "task")), "all")).slice(1, 4)).toEqual([
      ["S", "E", []],
      ["A", "E", []],
      ["B", "E", ["A"]],
    ]);
  });

  test("takes a new item as a part, of the type that fits, until the plan is full", () => {
    const more = added(draft.items, "1");
    expect(more?.items.at(-1)).toMatchObject({ key: "6", type: "task", parent: "1" });
    expect(added(draft.items, "2")?.items.at(-1)).toMatchObject({ type: "task", parent: "1" });
    expect(added(draft.items, "0")?.items.at(-1)).toMatchObject({ type: "story", parent: "0" });
    let items = draft.items;
    for (let next = added(items, null); next !== null; next = added(items, null)) items = next.items;
    expect(items).toHaveLength(60);
  });

  test("shows a folded tree without the parts, with levels and places", () => {
    expect(
      treeRows(draft.items, new Set(["1"])).map(({ item: { title }, level, of, place }) => [title, level, place, of]),
    ).toEqual([
      ["E", 1, 1, 1],
      ["S", 2, 1, 2],
      ["R", 2, 2, 2],
      ["C", 3, 1, 1],
    ]);
  });

  test("counts its items by type", () => {
    expect(countWords(draft.items)).toBe("1 epic, 2 stories, 2 tasks, 1 bug");
  });
});

describe("a draft whose plan was replaced meanwhile", () => {
  const theirs: Plan = { ...plan, summary: "Theirs." };

  test("follows where the person changed nothing", () => {
    expect(rebased(draft, theirs, "h2")).toEqual(draftOf(theirs, "h2"));
  });

  test("is the newest where the new plan is what the person sent, all of it or the chosen part", () => {
    const typed = withItems(toggled(changed(draft.items, "2", { title: "Mine" }), "4"));
    expect(rebased(typed, planOf(typed, "all"), "h2")).toEqual({ ...typed, baseHash: "h2" });
    const part = planOf(typed, "chosen");
    expect(rebased(typed, part, "h2")).toEqual(draftOf(part, "h2"));
  });

  test("is kept as it was typed where another person's plan waits now", () => {
    expect(rebased(withItems(changed(draft.items, "2", { title: "Mine" })), theirs, "h2")).toBeNull();
  });
});

type Edit = (items: readonly PlanItem[], at: number, to: number) => readonly PlanItem[];
const keyAt = (items: readonly PlanItem[], at: number): string => items[at % Math.max(1, items.length)]?.key ?? "";
const pick = (choices: readonly PlanItem[], at: number): string | undefined =>
  choices[at % Math.max(1, choices.length)]?.key;
const edits: readonly Edit[] = [
  (items, at) => removed(items, keyAt(items, at)),
  (items, at) => toggled(items, keyAt(items, at)),
  (items, at) => added(items, keyAt(items, at))?.items ?? items,
  (items, at, to) => retyped(items, keyAt(items, at), (["epic", "story", "task", "bug"] as const)[to % 4] ?? "task"),
  (items, at, to) => moved(items, keyAt(items, at), pick(parentChoices(items, keyAt(items, at)), to) ?? null),
  (items, at, to) => {
    const key = keyAt(items, at);
    const other = pick(dependencyChoices(items, key), to);
    const before = items.find((each) => each.key === key)?.dependsOn ?? [];
    return other === undefined ? items : changed(items, key, { dependsOn: [...before, other] });
  },
];

test("whatever a person does, the draft is a plan that the server takes, and so is each choice of its items", () => {
  const step = fc.record({ edit: fc.constantFrom(...edits), at: fc.nat(30), to: fc.nat(30) });
  const repositories = [{ id: "1", owner: "o", name: "app", folder: "" }];
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      let { items } = draft;
      for (const { at, edit, to } of steps) items = edit(items, at, to);
      for (const which of ["all", "chosen"] as const) {
        const made = planOf(withItems(items), which);
        if (made.tasks.length === 0) continue;
        expect(planProblem(planSchema.parse(made), repositories)).toBeUndefined();
      }
      expect(isSamePlan(planOf(withItems(items), "all"), planOf(withItems(items), "all"))).toBe(true);
      expect(treeRows(items, new Set())).toHaveLength(items.length);
    }),
    { numRuns: 500 },
  );
});

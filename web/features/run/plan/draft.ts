import type { Plan, PlanTask } from "../../../../contracts/plan.ts";
import type { OwnerRole } from "../../../../contracts/plan-names.ts";
import { canonicalJson } from "../../../../domain/canonical-json.ts";
import { keepTasks } from "../../../../domain/plan/tasks.ts";

/** An item of a plan while it is edited. It is named by a key that stays when items move. */
export interface PlanItem {
  readonly key: string;
  readonly title: string;
  readonly type: PlanTask["type"];
  readonly description: string;
  readonly criteria: readonly string[];
  /** Keys of the items that must be done first. */
  readonly dependsOn: readonly string[];
  readonly parent: string | null;
  readonly ownerRole: OwnerRole | null;
  readonly stage: NonNullable<PlanTask["stage"]> | null;
  readonly repository: string | null;
  readonly labels: readonly string[] | null;
  readonly priority: NonNullable<PlanTask["priority"]> | null;
  /** Whether a ticket is made of it. */
  readonly isChosen: boolean;
}

/** A plan that a person edits, and the hash of the plan that it was made from. */
export interface PlanDraft {
  readonly baseHash: string;
  readonly summary: string;
  readonly items: readonly PlanItem[];
  /** Whether the person has changed or chosen anything. */
  readonly isTouched: boolean;
}

/** A plan as it begins to be edited. */
export function draftOf({ summary, tasks }: Plan, hash: string): PlanDraft {
  const items = tasks.map((task, index): PlanItem => ({
    key: String(index),
    title: task.title,
    type: task.type,
    description: task.description,
    criteria: task.acceptance_criteria,
    dependsOn: task.depends_on.map(String),
    parent: task.parent === undefined ? null : String(task.parent),
    ownerRole: task.owner_role ?? null,
    stage: task.stage ?? null,
    repository: task.repository ?? null,
    labels: task.labels ?? null,
    priority: task.priority ?? null,
    isChosen: true,
  }));
  return { baseHash: hash, summary, items, isTouched: false };
}

/** The plan of a draft: of all its items, or of the chosen ones alone, whose dependencies and parents are closed up. */
export function planOf({ items, summary }: PlanDraft, which: "all" | "chosen"): Plan {
  const ordered = inOrder(items);
  const places = new Map(ordered.map(({ key }, index) => [key, index]));
  const tasks = ordered.map((item) => taskOf(item, places));
  const kept = which === "all" ? tasks : keepTasks(tasks, (index) => ordered[index]?.isChosen === true);
  return { summary, tasks: [...kept] };
}

/** Whether two plans are the same, whatever the order of their fields. */
export const isSamePlan = (one: Plan, other: Plan): boolean => canonicalJson(one) === canonicalJson(other);

/**
 * A draft after the plan that waits has become another one. Null where the person's changes were made from a plan that waits no more, so that
 * they have to choose.
 */
export function rebased(draft: PlanDraft, plan: Plan, hash: string): PlanDraft | null {
  if (!draft.isTouched) return draftOf(plan, hash);
  if (isSamePlan(planOf(draft, "all"), plan)) return { ...draft, baseHash: hash };
  const chosen = planOf(draft, "chosen");
  return chosen.tasks.length > 0 && isSamePlan(chosen, plan) ? draftOf(plan, hash) : null;
}

/** The items in an order in which each stands after its parent and all that it depends on; those that are so already stay. */
function inOrder(items: readonly PlanItem[]): readonly PlanItem[] {
  const placed = new Set<string>();
  const left = [...items];
  const ordered: PlanItem[] = [];
  while (left.length > 0) {
    const next = left.findIndex((item) =>
      [...item.dependsOn, item.parent ?? ""].every((key) => key === "" || placed.has(key)),
    );
    // Edits never close a circle; without this one would never end.
    const [item] = left.splice(Math.max(0, next), 1);
    if (item === undefined) break;
    placed.add(item.key);
    ordered.push(item);
  }
  return ordered;
}

function taskOf(item: PlanItem, places: ReadonlyMap<string, number>): PlanTask {
  const parent = item.parent === null ? undefined : places.get(item.parent);
  return {
    title: item.title,
    type: item.type,
    description: item.description,
    // An empty line of the field is no criterion yet.
    acceptance_criteria: item.criteria.filter((text) => text !== ""),
    depends_on: item.dependsOn.flatMap((key) => places.get(key) ?? []),
    ...(parent === undefined ? {} : { parent }),
    ...(item.ownerRole === null ? {} : { owner_role: item.ownerRole }),
    ...(item.stage === null ? {} : { stage: item.stage }),
    ...(item.repository === null ? {} : { repository: item.repository }),
    ...(item.labels === null ? {} : { labels: [...item.labels] }),
    ...(item.priority === null ? {} : { priority: item.priority }),
  };
}

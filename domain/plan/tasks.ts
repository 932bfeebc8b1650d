import type { PlanTask } from "../../contracts/plan.ts";

type TicketType = PlanTask["type"];

/** The types that an item of each type may be part of. */
export const parentTypes: Readonly<Record<TicketType, readonly TicketType[]>> = {
  epic: [],
  story: ["epic"],
  task: ["story", "epic"],
  bug: ["story", "epic"],
};

/** The fields of an item by which it belongs to others. */
export type LinkedTask = Pick<PlanTask, "depends_on" | "parent" | "type">;

/** The indexes of an item's parents, the nearest first. Total: a parent that is no earlier item ends the list. */
export function ancestorsOf(tasks: readonly LinkedTask[], index: number): readonly number[] {
  const ancestors: number[] = [];
  for (let at = index; ;) {
    const parent = tasks[at]?.parent;
    if (parent === undefined || parent >= at || tasks[parent] === undefined) return ancestors;
    ancestors.push(parent);
    at = parent;
  }
}

/**
 * The indexes of items that could never be finished, each waiting for the next and the last for the first; undefined where there are none.
 * An item is finished after all that it depends on and after its parts.
 */
export function circleOf(tasks: readonly LinkedTask[]): readonly number[] | undefined {
  const first = tasks.map(({ depends_on: others }, index) => [
    ...others,
    ...tasks.flatMap(({ parent }, at) => (parent === index ? [at] : [])),
  ]);
  const isDone = new Set<number>();
  const way: number[] = [];
  const walk = (index: number): readonly number[] | undefined => {
    if (way.includes(index)) return way.slice(way.indexOf(index));
    if (isDone.has(index)) return undefined;
    way.push(index);
    for (const other of first[index] ?? []) {
      const circle = walk(other);
      if (circle !== undefined) return circle;
    }
    way.pop();
    isDone.add(index);
    return undefined;
  };
  for (const index of tasks.keys()) {
    const circle = walk(index);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/**
 * The chosen items of a plan as a plan of their own, in the same order. An item that depended on one that is left out depends on those that
 * it waited for; an item whose parent is left out is part of the nearest chosen one above it that may hold it, or of none.
 *
 * @param isKept whether the item of an index is chosen
 */
export function keepTasks<Task extends LinkedTask>(
  tasks: readonly Task[],
  isKept: (index: number) => boolean,
): readonly Task[] {
  const kept = tasks.flatMap((_task, index) => (isKept(index) ? [index] : []));
  const place = new Map(kept.map((index, at) => [index, at]));
  const waitsFor = new Map<number, readonly number[]>();
  for (const [index, task] of tasks.entries()) {
    const through = task.depends_on.flatMap((other) => (place.has(other) ? [other] : (waitsFor.get(other) ?? [])));
    waitsFor.set(index, [...new Set(through)]);
  }
  return kept.flatMap((index) => {
    const task = tasks[index];
    if (task === undefined) return [];
    const above = ancestorsOf(tasks, index);
    const parent = above.find((at) => place.has(at) && parentTypes[task.type].includes(tasks[at]?.type ?? task.type));
    const dependsOn = (waitsFor.get(index) ?? []).filter((other) => !above.includes(other));
    const { parent: _parent, ...rest } = task;
    const moved = { ...rest, depends_on: dependsOn.flatMap((other) => place.get(other) ?? []) };
    const parentPlace = parent === undefined ? undefined : place.get(parent);
    return [(parentPlace === undefined ? moved : { ...moved, parent: parentPlace }) as unknown as Task];
  });
}

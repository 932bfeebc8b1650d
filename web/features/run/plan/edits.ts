import { planLimits } from "../../../../contracts/plan-names.ts";
import { parentTypes } from "../../../../domain/plan/tasks.ts";
import type { PlanItem } from "./draft.ts";

type Items = readonly PlanItem[];

/** An item as one line of the tree. */
export interface TreeRow {
  readonly item: PlanItem;
  /** 1 for an item that is part of no other. */
  readonly level: number;
  readonly hasParts: boolean;
  /** Its place among the parts of its parent, from 1, and their number. */
  readonly place: number;
  readonly of: number;
}

const partsOf = (items: Items, key: string | null): Items => items.filter(({ parent }) => parent === key);
const find = (items: Items, key: string | null): PlanItem | undefined => items.find((item) => item.key === key);

/** The lines of the tree; the parts of folded items are left out. */
export function treeRows(items: Items, folded: ReadonlySet<string>): readonly TreeRow[] {
  const below = (parent: string | null, level: number): readonly TreeRow[] => {
    const parts = partsOf(items, parent);
    return parts.flatMap((item, index) => [
      { item, level, hasParts: items.some((each) => each.parent === item.key), place: index + 1, of: parts.length },
      ...(folded.has(item.key) ? [] : below(item.key, level + 1)),
    ]);
  };
  return below(null, 1);
}

/** The keys of an item and of all its parts. */
export function withParts(items: Items, key: string): ReadonlySet<string> {
  const keys = new Set([key]);
  for (let size = 0; size !== keys.size;) {
    size = keys.size;
    for (const item of items) if (item.parent !== null && keys.has(item.parent)) keys.add(item.key);
  }
  return keys;
}

/** The keys of the items that an item is part of, the nearest first. */
function above(items: Items, key: string): readonly string[] {
  const keys: string[] = [];
  for (
    let at = find(items, key)?.parent ?? null;
    at !== null && !keys.includes(at);
    at = find(items, at)?.parent ?? null
  )
    keys.push(at);
  return keys;
}

/** Whether an item stands after another one in the list: after its parent and all that it depends on, by whatever way. */
const comesAfter = (items: Items, key: string, other: string): boolean =>
  leadsTo(items, key, other, ({ dependsOn, parent }) => (parent === null ? dependsOn : [...dependsOn, parent]));

/** Whether an item is finished after another one: after its parts and all that it depends on, by whatever way. */
const waitsFor = (items: Items, key: string, other: string): boolean =>
  leadsTo(items, key, other, (item) => [...item.dependsOn, ...partsOf(items, item.key).map((part) => part.key)]);

function leadsTo(items: Items, key: string, other: string, next: (item: PlanItem) => readonly string[]): boolean {
  const seen = new Set<string>();
  const open = [key];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === other) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    const item = find(items, at);
    if (item !== undefined) open.push(...next(item));
  }
  return false;
}

/** The items that an item may be part of. */
export function parentChoices(items: Items, key: string): Items {
  const item = find(items, key);
  if (item === undefined) return [];
  return items.filter(
    (other) =>
      parentTypes[item.type].includes(other.type) &&
      !comesAfter(items, other.key, key) &&
      !waitsFor(items, key, other.key),
  );
}

/** The items that an item may be made to wait for: no circle, and none that it is part of. */
export function dependencyChoices(items: Items, key: string): Items {
  const item = find(items, key);
  if (item === undefined || item.dependsOn.length >= planLimits.dependencies) return [];
  const parents = above(items, key);
  return items.filter(
    (other) =>
      !item.dependsOn.includes(other.key) &&
      !parents.includes(other.key) &&
      !comesAfter(items, other.key, key) &&
      !waitsFor(items, other.key, key),
  );
}

/** The items with some fields of one changed. */
export function changed(items: Items, key: string, fields: Partial<Omit<PlanItem, "key" | "parent" | "type">>): Items {
  return items.map((item) => (item.key === key ? { ...item, ...fields } : item));
}

/** The items with one of another type; it and its parts go to the nearest item above that may hold them. */
export function retyped(items: Items, key: string, type: PlanItem["type"]): Items {
  return repaired(items.map((item) => (item.key === key ? { ...item, type } : item)));
}

/** The items with one moved to another parent; it waits no more for items that it is now part of. */
export function moved(items: Items, key: string, parent: string | null): Items {
  return repaired(items.map((item) => (item.key === key ? { ...item, parent } : item)));
}

/** The items with one chosen, or not, together with all its parts. */
export function toggled(items: Items, key: string): Items {
  const isChosen = find(items, key)?.isChosen !== true;
  const keys = withParts(items, key);
  return items.map((item) => (keys.has(item.key) ? { ...item, isChosen } : item));
}

/** The items without one and its parts; an item that waited for one of them waits for what that one waited for. */
export function removed(items: Items, key: string): Items {
  const gone = withParts(items, key);
  const through = (keys: readonly string[]): readonly string[] =>
    keys.flatMap((each) => (gone.has(each) ? through(find(items, each)?.dependsOn ?? []) : [each]));
  return repaired(
    items
      .filter((item) => !gone.has(item.key))
      .map((item) =>
        item.dependsOn.some((each) => gone.has(each))
          ? { ...item, dependsOn: [...new Set(through(item.dependsOn))] }
          : item,
      ),
  );
}

/**
 * The items with a new one, and its key: at the end of an epic's or a story's parts, else beside a task. Null where the plan is full.
 *
 * @param at the key of the item where it is added; null for an item that is part of no other
 */
export function added(items: Items, at: string | null): { readonly items: Items; readonly key: string } | null {
  if (items.length >= planLimits.items) return null;
  const place = find(items, at);
  const holder = place === undefined || mayHold(place) ? place : find(items, place.parent);
  const key = String(1 + Math.max(-1, ...items.map((item) => Number(item.key))));
  const type = holder?.type === "epic" || place === undefined ? "story" : "task";
  const item: PlanItem = {
    ...{ key, title: "New item", type, parent: holder?.key ?? null, description: "", criteria: [], dependsOn: [] },
    ...{ ownerRole: null, stage: null, repository: holder?.repository ?? null, labels: null, priority: null },
    isChosen: true,
  };
  return { items: [...items, item], key };
}

/** Whether an item may have parts. */
export const mayHold = ({ type }: Pick<PlanItem, "type">): boolean => type === "epic" || type === "story";

/** The items with each part in the nearest item above that may hold it, and no dependency on an item that it is part of. */
function repaired(items: Items): Items {
  const placed = items.map((item) => {
    const typeAt = (key: string) => find(items, key)?.type;
    const parent = above(items, item.key).find((key) => {
      const type = typeAt(key);
      return type !== undefined && parentTypes[item.type].includes(type);
    });
    return item.parent === (parent ?? null) ? item : { ...item, parent: parent ?? null };
  });
  return placed.map((item) => {
    const parents = above(placed, item.key);
    return item.dependsOn.some((key) => parents.includes(key))
      ? { ...item, dependsOn: item.dependsOn.filter((key) => !parents.includes(key)) }
      : item;
  });
}

/** How many items of each type there are, in words. */
export function countWords(items: readonly Pick<PlanItem, "type">[]): string {
  const words = {
    epic: ["epic", "epics"],
    story: ["story", "stories"],
    task: ["task", "tasks"],
    bug: ["bug", "bugs"],
  } as const;
  return (["epic", "story", "task", "bug"] as const)
    .flatMap((type) => {
      const count = items.filter((item) => item.type === type).length;
      return count === 0 ? [] : [`${count} ${words[type][count === 1 ? 0 : 1]}`];
    })
    .join(", ");
}

import { useEffect, useMemo, useState } from "react";
import type { Plan } from "../../../../contracts/plan.ts";
import { draftOf, isSamePlan, planOf, rebased, type PlanDraft, type PlanItem } from "./draft.ts";
import { removed, withParts } from "./edits.ts";

/** A plan under a person's hands. */
export interface PlanEditor {
  readonly draft: PlanDraft;
  /** Whether an item differs from the plan that waits. */
  readonly isEdited: boolean;
  /** Whether another plan waits than the one that the changes were made from. */
  readonly isStale: boolean;
  /** The last removal, while it can be undone. */
  readonly removal: string | null;
  readonly apply: (items: readonly PlanItem[]) => void;
  /** Takes an item and its parts out. */
  readonly remove: (key: string) => void;
  /** Takes the last change back; undefined when there is none. */
  readonly undo: (() => void) | undefined;
  /** Goes on from the plan that waits, without the person's changes. */
  readonly discard: () => void;
  /** Puts the person's changes in the place of the plan that waits now. */
  readonly keepMine: () => void;
}

interface Edited {
  readonly draft: PlanDraft;
  readonly past: readonly (readonly PlanItem[])[];
  readonly removal: string | null;
}

const mostUndone = 50;
const storageKey = (runId: string): string => `assembly-lime.plan.${runId}`;

/** Changes of a run's plan that are not stored, kept over a reload of the page. */
export function usePlanDraft(runId: string, plan: Plan, hash: string): PlanEditor {
  const [state, setState] = useState<Edited>(() => ({
    draft: stored(runId) ?? draftOf(plan, hash),
    ...{ past: [], removal: null },
  }));
  const fresh = useMemo(
    () => (state.draft.baseHash === hash ? state.draft : rebased(state.draft, plan, hash)),
    [state.draft, plan, hash],
  );
  const draft = fresh ?? state.draft;
  const isEdited = useMemo(() => !isSamePlan(planOf(draft, "all"), plan), [draft, plan]);
  useEffect(() => keep(runId, draft), [runId, draft]);
  const change = (items: readonly PlanItem[], removal: string | null) =>
    setState(({ past }) => ({
      draft: { ...draft, items, isTouched: true },
      past: [...past, draft.items].slice(-mostUndone),
      removal,
    }));
  return {
    ...{ draft, isEdited, isStale: fresh === null, removal: state.removal },
    apply: (items) => {
      if (items !== draft.items) change(items, null);
    },
    remove: (key) => {
      const parts = withParts(draft.items, key).size - 1;
      const title = draft.items.find((item) => item.key === key)?.title ?? "";
      const more = parts === 0 ? "" : ` and ${parts === 1 ? "its part" : `its ${parts} parts`}`;
      change(removed(draft.items, key), `Removed “${title}”${more}.`);
    },
    undo:
      state.past.length === 0
        ? undefined
        : () =>
            setState(({ past }) => ({
              draft: { ...draft, items: past.at(-1) ?? draft.items },
              ...{ past: past.slice(0, -1), removal: null },
            })),
    discard: () => setState({ draft: draftOf(plan, hash), past: [], removal: null }),
    keepMine: () => setState(({ past }) => ({ draft: { ...draft, baseHash: hash }, past, removal: null })),
  };
}

/** Forgets the changes of a run's plan, as after its approval. */
export function forgetPlanDraft(runId: string): void {
  sessionStorage.removeItem(storageKey(runId));
}

function keep(runId: string, draft: PlanDraft): void {
  if (!draft.isTouched) return forgetPlanDraft(runId);
  try {
    sessionStorage.setItem(storageKey(runId), JSON.stringify(draft));
  } catch {
    // A browser without room keeps the changes in the page alone.
  }
}

function stored(runId: string): PlanDraft | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(storageKey(runId)) ?? "null");
    return isDraft(value) ? value : null;
  } catch {
    return null;
  }
}

function isDraft(value: unknown): value is PlanDraft {
  if (typeof value !== "object" || value === null) return false;
  return "items" in value && Array.isArray(value.items) && "baseHash" in value && "isTouched" in value;
}

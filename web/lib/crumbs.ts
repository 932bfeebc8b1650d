import { useEffect, useSyncExternalStore } from "react";

export interface Crumb {
  readonly label: string;
  readonly href?: string;
  /** The tab's title, when it says more than the label. */
  readonly title?: string;
}

let current: readonly Crumb[] = [];
const listeners = new Set<() => void>();

function set(next: readonly Crumb[]): void {
  current = next;
  for (const listener of listeners) listener();
}

/** Names the shown page in the top bar and the tab's title: from the widest to the page itself. */
export function useCrumbs(...crumbs: readonly Crumb[]): void {
  const key = JSON.stringify(crumbs);
  useEffect(() => {
    const parsed: readonly Crumb[] = crumbs;
    set(parsed);
    const last = parsed.at(-1);
    document.title = `${last?.title ?? last?.label ?? "Welcome"} · Assembly Lime`;
    // The labels are the identity of a list that callers build anew each time.
  }, [key]);
}

/** The crumbs of the shown page. */
export function useShownCrumbs(): readonly Crumb[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

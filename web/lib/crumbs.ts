import { useEffect, useSyncExternalStore } from "react";

export interface Crumb {
  readonly label: string;
  readonly href?: string;
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
    document.title = `${parsed.at(-1)?.label ?? "Assembly Lime"} · Assembly Lime`;
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

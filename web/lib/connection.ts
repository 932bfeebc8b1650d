import { useSyncExternalStore } from "react";

export type Connection = "live" | "connecting" | "lost";

let current: Connection | null = null;
const listeners = new Set<() => void>();

/** Says how the live connection of the shown page is doing; null on pages that have none. */
export function setConnection(next: Connection | null): void {
  if (next === current) return;
  current = next;
  for (const listener of listeners) listener();
}

/** The state of the shown page's live connection; null when it has none. */
export function useConnection(): Connection | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

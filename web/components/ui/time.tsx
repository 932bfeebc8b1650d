import { useSyncExternalStore } from "react";
import { formatDuration, formatExact, formatRelative } from "../../lib/format.ts";

/** One timer for all times on a page, at the pace of the fastest reader of it. */
function clock(everyMs: number) {
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    timer ??= setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, everyMs);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    };
  };
  const read = () => {
    if (timer === undefined) now = Date.now();
    return Math.floor(now / everyMs) * everyMs;
  };
  return () => useSyncExternalStore(subscribe, read, read);
}

const useMinuteClock = clock(15_000);
const useSecondClock = clock(1000);

/** A moment, relative; the exact one on hover. */
export function TimeAgo({ atMs, className }: { atMs: number; className?: string }) {
  const now = useMinuteClock();
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatExact(atMs)} className={className}>
      {formatRelative(atMs, now)}
    </time>
  );
}

/** The whole seconds until `atMs`, counted down; 0 from then on. */
export function useSecondsUntil(atMs: number): number {
  return Math.max(0, Math.ceil((atMs - useSecondClock()) / 1000));
}

/** The time since `sinceMs`, updated every second. */
export function Elapsed({ sinceMs, className }: { sinceMs: number; className?: string }) {
  const now = useSecondClock();
  return (
    <span className={className}>
      {formatDuration(Math.max(0, Math.floor((now - sinceMs) / 1000) * 1000))
        .replace(/\.0s$/, "s")
        .replace("0ms", "0s")}
    </span>
  );
}

/** Due times by name, in UTC milliseconds. */
export type TimerTable<Name extends string> = ReadonlyMap<Name, number>;

/** When the earliest timer is due; undefined when none is set. */
export function earliestDue<Name extends string>(timers: TimerTable<Name>): number | undefined {
  return timers.size === 0 ? undefined : Math.min(...timers.values());
}

/**
 * The timers that an alarm stands for, earliest first: those that are due now. An alarm that comes early stands for the
 * earliest timer and all that are due at the same time.
 */
export function firedTimers<Name extends string>(timers: TimerTable<Name>, nowMs: number): readonly Name[] {
  const until = Math.max(nowMs, earliestDue(timers) ?? nowMs);
  return [...timers]
    .filter(([, dueMs]) => dueMs <= until)
    .toSorted(([, a], [, b]) => a - b)
    .map(([name]) => name);
}

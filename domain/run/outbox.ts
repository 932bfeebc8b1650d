import { retryDelayMs } from "./backoff.ts";
import type { EffectKind } from "./effects.ts";

/** Failures in a row after which an effect is parked: about 19 minutes by the backoff. */
export const maxEffectTries = 12;
/** The same for a run's row, about a day: a run whose row was never written is in no list in which a person could find and retry it. */
export const maxProjectionTries = 300;

/** The part of an effect that decides when it is done. Rows are numbered in the order of their events. */
export interface OutboxRow {
  readonly id: number;
  readonly kind: EffectKind;
  readonly entity: string;
  /** Failures so far. */
  readonly tries: number;
  /** Not to be tried before this time, in UTC milliseconds; 0 when it was never tried. */
  readonly dueMs: number;
  /** A parked effect waits for a person. */
  readonly parked: boolean;
}

const coalesced: ReadonlySet<EffectKind> = new Set<EffectKind>(["projection", "spending", "ticket_run"]);

/** True for a kind of which only the newest effect matters: it does the work of all before it. */
export function isCoalesced(kind: EffectKind): boolean {
  return coalesced.has(kind);
}

/** Effects of one lane are done one after the other. */
export function laneOf({ entity, kind }: Pick<OutboxRow, "kind" | "entity">): string {
  return `${kind}:${entity}`;
}

/**
 * The effects to do now, at most one of each lane: the oldest of its lane that is not parked, and of a coalesced kind the newest. A
 * lane whose effect waits for its next try waits as a whole; a parked effect holds up nothing.
 */
export function drain<R extends OutboxRow>(rows: readonly R[], nowMs: number): readonly R[] {
  return heads(rows)
    .filter(({ dueMs }) => dueMs <= nowMs)
    .map(({ row }) => row);
}

/** When the next effect is due, in UTC milliseconds and not before now; undefined when none waits. */
export function nextDue(rows: readonly OutboxRow[], nowMs: number): number | undefined {
  const due = heads(rows).map(({ dueMs }) => dueMs);
  return due.length === 0 ? undefined : Math.max(nowMs, Math.min(...due));
}

/**
 * The ids of the rows that a row replaces as soon as it is tried: of a coalesced kind all before it in its lane, parked ones too. They
 * may be deleted whether or not the try succeeds.
 */
export function supersededBy(rows: readonly OutboxRow[], row: OutboxRow): readonly number[] {
  if (!coalesced.has(row.kind)) return [];
  return rows.filter((other) => laneOf(other) === laneOf(row) && other.id < row.id).map(({ id }) => id);
}

/**
 * The row after one more failure.
 *
 * @param chance a number in [0, 1)
 * @param retryAfterMs how long the other side asked to wait
 */
export function afterFailure<R extends OutboxRow>(
  row: R,
  nowMs: number,
  chance: number,
  retryAfterMs?: number,
): R & Pick<OutboxRow, "tries" | "dueMs" | "parked"> {
  const tries = row.tries + 1;
  const dueMs = nowMs + retryDelayMs(row.tries, chance, retryAfterMs);
  return { ...row, tries, dueMs, parked: tries >= (row.kind === "projection" ? maxProjectionTries : maxEffectTries) };
}

interface Head<R extends OutboxRow> {
  readonly row: R;
  readonly dueMs: number;
}

function heads<R extends OutboxRow>(rows: readonly R[]): readonly Head<R>[] {
  const lanes = new Map<string, Head<R>>();
  for (const row of rows.toSorted((a, b) => a.id - b.id)) {
    if (row.parked) continue;
    const lane = laneOf(row);
    const head = lanes.get(lane);
    if (head === undefined) lanes.set(lane, { row, dueMs: row.dueMs });
    else if (coalesced.has(row.kind)) {
      // The newest row inherits the failures of the older ones: new events don't shorten the wait.
      const tries = Math.max(head.row.tries, row.tries);
      lanes.set(lane, { row: { ...row, tries }, dueMs: Math.max(head.dueMs, row.dueMs) });
    }
  }
  return [...lanes.values()];
}

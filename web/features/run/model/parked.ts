import type { RunEffect } from "../../../../contracts/effect.ts";
import { plural } from "../../../lib/format.ts";

const words: Readonly<Record<string, string>> = {
  projection: "the run's row in lists",
  audit: "an audit entry",
  ticket_move: "the move of its ticket",
  notice: "a notice",
  wake_parent: "the wake of the run that started it",
  spending: "the charge to the project's budget",
};

/** A sentence on the effects that are parked, with the last failure; null when none is. The run itself goes on without them. */
export function parkedText(effects: readonly RunEffect[]): string | null {
  const parked = effects.filter(({ status }) => status === "parked");
  if (parked.length === 0) return null;
  const kinds = [...new Set(parked.map(({ kind }) => words[kind] ?? kind))].join(", ");
  const last = parked.at(-1)?.lastError ?? null;
  const reason = last === null ? "" : ` The last failure: ${last}${/[.!?]$/u.test(last) ? "" : "."}`;
  return `${plural(parked.length, "effect")} of this run failed too often and will not be tried again without you: ${kinds}. The run and its events are kept.${reason}`;
}

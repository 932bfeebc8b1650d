import { isFinal, type RunMode, type RunState, type Stage } from "../../contracts/run-names.ts";
import { maxSendBacks, moves, stageState, type Trigger } from "./table.ts";

/** The stage that works in a state, if one does. */
export function stageOf(state: RunState): Stage | undefined {
  return (Object.keys(stageState) as Stage[]).find((stage) => stageState[stage] === state);
}

/** What the machine needs to know besides the state. */
export interface MachineContext {
  readonly mode: RunMode;
  readonly state: RunState;
  /** Where NEEDS_HUMAN came from, so that resuming leads back. */
  readonly returnTo: RunState | undefined;
  readonly sendBacks: Readonly<Record<keyof typeof maxSendBacks, number>>;
}

export type Transition = { readonly ok: true; readonly to: RunState } | { readonly ok: false; readonly reason: string };

/** Where a trigger leads by the table, or why it is refused. Total: every mode, state and trigger has an answer. */
export function transition(context: MachineContext, trigger: Trigger): Transition {
  const { mode, state } = context;
  if (isFinal(state)) return { ok: false, reason: `the run has ended (${state})` };
  if (trigger === "cancelled") return { ok: true, to: "CANCELLED" };
  if (trigger === "failed") return { ok: true, to: "FAILED" };
  if (state === "NEEDS_HUMAN") {
    if (trigger !== "resumed") return { ok: false, reason: "the run waits for a person to resume it" };
    return context.returnTo === undefined
      ? { ok: false, reason: "there is nothing to resume" }
      : { ok: true, to: context.returnTo };
  }
  if (trigger === "human_needed") return { ok: true, to: "NEEDS_HUMAN" };
  const row = moves[mode].find((move) => move.from === state && move.trigger === trigger);
  if (row === undefined) return { ok: false, reason: `${trigger} can't happen in ${state} (mode ${mode})` };
  if (isSendBack(trigger) && context.sendBacks[trigger] >= maxSendBacks[trigger])
    return { ok: false, reason: `the work went back ${maxSendBacks[trigger]} times already` };
  return { ok: true, to: row.to };
}

/** True for a trigger by which work goes back to who made it; these are counted. */
export function isSendBack(trigger: string): trigger is keyof typeof maxSendBacks {
  return Object.hasOwn(maxSendBacks, trigger);
}

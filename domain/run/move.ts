import type { NewRunEvent } from "../../contracts/run-events.ts";
import { transition, type MachineContext } from "./machine.ts";
import type { Trigger } from "./table.ts";

/** The event that a trigger makes; `ok` is true when the machine allows it. */
export interface Moved {
  readonly ok: boolean;
  readonly event: NewRunEvent;
  /** Why it is refused; empty when it is not. */
  readonly reason: string;
}

/** The state change that the machine allows, or the record of its refusal. */
export function move(view: MachineContext, trigger: Trigger, cause: string | null = null): Moved {
  const result = transition(view, trigger);
  if (!result.ok) {
    const { reason } = result;
    return { ok: false, reason, event: { type: "run.event_refused", data: { state: view.state, trigger, reason } } };
  }
  const data = { from: view.state, to: result.to, trigger, cause };
  return { ok: true, reason: "", event: { type: "run.state_changed", data } };
}

import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import type { RunView } from "../../../../domain/run/fold.ts";
import { transition } from "../../../../domain/run/machine.ts";
import type { Trigger } from "../../../../domain/run/table.ts";

/**
 * The event that a trigger makes: the state change that the machine allows, or the record of its refusal. `ok` tells which.
 */
export function move(
  view: RunView,
  trigger: Trigger,
  cause: string | null = null,
): { readonly ok: boolean; readonly event: NewRunEvent; readonly reason: string } {
  const result = transition(view, trigger);
  if (result.ok) {
    return {
      ok: true,
      reason: "",
      event: { type: "run.state_changed", data: { from: view.state, to: result.to, trigger, cause } },
    };
  }
  return {
    ok: false,
    reason: result.reason,
    event: { type: "run.event_refused", data: { state: view.state, trigger, reason: result.reason } },
  };
}

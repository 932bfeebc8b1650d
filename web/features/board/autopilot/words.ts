import { startsRuns, type AutopilotLevel } from "../../../../contracts/autopilot-names.ts";
import type { Autopilot, AutopilotWait } from "../../../../contracts/autopilot.ts";

/** The levels as a person chooses them, each with what it does. */
export const levelWords: Readonly<Record<AutopilotLevel, { readonly name: string; readonly hint: string }>> = {
  off: { name: "Off", hint: "People start every run." },
  suggest: { name: "Suggest", hint: "Shows what would be started next, and starts nothing." },
  on: { name: "On", hint: "Starts ready tickets of Todo by priority. Each change still waits for your approval." },
};

/** Why a ticket waits, in one sentence; `keyOf` names a ticket by its id. */
export function waitWords(wait: AutopilotWait, keyOf: (id: string) => string): string {
  switch (wait.reason) {
    case "blocked":
      return `Waits for ${wait.blockedBy.map(keyOf).join(", ")}.`;
    case "worked_on":
      return "A run is at work on it.";
    case "needs_change":
      return "Its run has ended without a merge. Change the ticket, or start it yourself.";
    case "refused":
      return `Could not be started: ${wait.detail}`;
    case "no_free_slot":
      return wait.slots === 1 ? "The slot is in use." : `All ${wait.slots} slots are in use.`;
    case "budget_spent":
      return "The month's budget is used up.";
  }
}

/** The state in a few words, for the button. */
export function autopilotSummary({ level, running, slots }: Pick<Autopilot, "level" | "running" | "slots">): string {
  return startsRuns[level] ? `Autopilot ${running}/${slots}` : `Autopilot ${levelWords[level].name.toLowerCase()}`;
}

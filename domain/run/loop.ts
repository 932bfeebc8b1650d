/** The numbers of equal results of the same call at which the model is warned, and at which a person is asked. */
export const tellAfter = 3;
export const askAfter = 6;
/** Calls that are looked back on: a loop may take turns between a few calls. */
const windowCalls = 24;

/** A stage's latest tool calls as they are remembered: one key a call, equal for equal calls with equal results. */
export type RecentCalls = readonly string[];

export interface LoopVerdict {
  /** The calls to store; empty once the run asks a person, so that the agent may try again. */
  readonly recent: RecentCalls;
  /** The number of times that this call had this result, this time included, since the work last changed. */
  readonly times: number;
  readonly advice: "go_on" | "tell" | "ask";
}

/** Judges one more call: `hasChanged` is true when it changed the work, which makes every earlier result old. Pure. */
export function watchLoop(recent: RecentCalls, key: string, hasChanged: boolean): LoopVerdict {
  if (hasChanged) return { recent: [], times: 1, advice: "go_on" };
  const next = [...recent, key].slice(-windowCalls);
  const times = next.filter((candidate) => candidate === key).length;
  if (times >= askAfter) return { recent: [], times, advice: "ask" };
  return { recent: next, times, advice: times >= tellAfter ? "tell" : "go_on" };
}

/** A result without what differs by itself from time to time: durations. */
export function stableResult(output: string): string {
  return output.replaceAll(/\b\d+(?:\.\d+)?\s?m?s\b/gu, "~").replaceAll(/duration_ms \S+/gu, "duration_ms ~");
}

/** The warning in the result of a call that the model repeats. */
export function repeatedMessage(times: number): string {
  return `This very call has had this very result ${times} times, and nothing has changed in between. It will not help to make it again: do something else, ask a person, or end the stage.`;
}

/** Why the stage stopped. */
export function loopCause(name: string, times: number): string {
  return `The agent repeats itself: ${name} with the same input had the same result ${times} times. Tell it what to do, then resume.`;
}

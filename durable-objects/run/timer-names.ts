/** The timers of a run. */
export const timerNames = [
  /** Look for the next step. */
  "drive",
  /** A step neither finished nor failed: the process died, and the run goes on from its journal. */
  "deadman",
  /** Effects are due. */
  "outbox",
  /** The blob store did not take what model calls hold. */
  "move_bodies",
] as const;
export type RunTimer = (typeof timerNames)[number];

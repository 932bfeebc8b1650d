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
  /** The session of an open socket expires. */
  "sockets",
] as const;
export type RunTimer = (typeof timerNames)[number];

export const deadmanMs = 30_000;
/** The platform ends an alarm handler after 15 minutes; the run continues in the next one well before. */
export const handlerMs = 10 * 60_000;
/** Effects of commits that follow each other within this time are done together. */
export const gatherMs = 150;
export const moveRetryMs = 60_000;

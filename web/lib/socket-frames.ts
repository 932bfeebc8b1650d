import { markStart } from "./vocabulary.ts";

const firstWaitMs = 400;
const longestWaitMs = 15_000;

/** A frame of one of these kinds as a socket sends it; null for anything else (`pong`, or a kind that this build doesn't know). */
export function parseFrame<Frame extends { readonly t: string }>(
  data: unknown,
  kinds: Readonly<Record<Frame["t"], true>>,
): Frame | null {
  if (typeof data !== "string" || !data.startsWith("{")) return null;
  const isFrame = (value: unknown): value is Frame =>
    typeof value === "object" &&
    value !== null &&
    "t" in value &&
    typeof value.t === "string" &&
    Object.hasOwn(kinds, value.t);
  try {
    const value: unknown = JSON.parse(data);
    return isFrame(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whether a message is a mark, which is sent back as it came to show that everything before it was read. */
export function isMark(data: unknown): data is string {
  return typeof data === "string" && data.startsWith(markStart);
}

/** The wait before connection attempt `attempt` (0 for the first retry), in ms: it doubles up to 15 s, with jitter by `chance`. */
export function waitBefore(attempt: number, chance: number): number {
  return Math.min(longestWaitMs, firstWaitMs * 2 ** attempt) * (0.75 + chance / 2);
}

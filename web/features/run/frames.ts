import type { RunFrame } from "../../../contracts/run-events.ts";
import { parseFrame } from "../../lib/socket-frames.ts";

const frameKinds: Readonly<Record<RunFrame["t"], true>> = { events: true, live: true, delta: true, output: true };

/** A frame of a run's socket; null for anything else. */
export function parseRunFrame(data: unknown): RunFrame | null {
  return parseFrame<RunFrame>(data, frameKinds);
}

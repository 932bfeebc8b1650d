import type { BoardFrame } from "../../../contracts/board.ts";
import { parseFrame } from "../../lib/socket-frames.ts";

const frameKinds: Readonly<Record<BoardFrame["t"], true>> = {
  changes: true,
  reload: true,
  live: true,
  run: true,
  presence: true,
};

/** A frame of a board's socket; null for anything else. */
export function parseBoardFrame(data: unknown): BoardFrame | null {
  return parseFrame<BoardFrame>(data, frameKinds);
}

import type { RunEvent, RunFrame } from "../../../contracts/run-events.ts";
import { addToFacts, noFacts, type Facts } from "./model/facts.ts";
import { addToRows, type Row } from "./model/rows.ts";

/** Text of the turn that is being written, from frames without a number; gone when its event comes. */
export interface LiveTurn {
  readonly stage: string;
  readonly turn: number;
  readonly text: string;
  readonly thinking: string;
}

/** A run as one browser has seen it so far: the fold of the frames of its socket. */
export interface RunView {
  /** Number of the newest event seen; a new connection asks for what comes after it. */
  readonly lastSeq: number;
  /** True when the frames since the last connection had a hole: connect again from `lastSeq`. */
  readonly gap: boolean;
  /** True once the server has said that the catch-up is over. */
  readonly caughtUp: boolean;
  readonly rows: readonly Row[];
  readonly facts: Facts;
  readonly liveTurn: LiveTurn | null;
  /** Output so far of tool calls that still run, by call id. */
  readonly liveOutput: Readonly<Record<string, string>>;
}

export const emptyRunView: RunView = {
  lastSeq: 0,
  gap: false,
  caughtUp: false,
  rows: [],
  facts: noFacts,
  liveTurn: null,
  liveOutput: {},
};

/** The longest live output that is kept of one call, in characters; the event brings the whole. */
const maxLiveOutput = 20_000;

/**
 * The view after one more frame. Events that were seen already are skipped; with a hole before them they are left out and `gap` is set,
 * so that rows and facts are always the fold of events 1 to `lastSeq`.
 */
export function reduce(view: RunView, frame: RunFrame): RunView {
  switch (frame.t) {
    case "events":
      return addEvents(view, frame.events);
    case "live":
      return { ...view, caughtUp: true };
    case "delta": {
      const { stage, turn, kind, text } = frame;
      const live = view.liveTurn;
      if (live === null || live.stage !== stage || live.turn !== turn) return view;
      return { ...view, liveTurn: { ...live, [kind]: live[kind] + text } };
    }
    case "output": {
      if (!isRunning(view.rows, frame.callId)) return view;
      const text = ((view.liveOutput[frame.callId] ?? "") + frame.text).slice(-maxLiveOutput);
      return { ...view, liveOutput: { ...view.liveOutput, [frame.callId]: text } };
    }
  }
}

/** The view at the start of a new connection: what was streamed without a number is forgotten, what was numbered stays. */
export function reconnected(view: RunView): RunView {
  const liveTurn = view.liveTurn === null ? null : { ...view.liveTurn, text: "", thinking: "" };
  return { ...view, gap: false, caughtUp: false, liveTurn, liveOutput: {} };
}

function isRunning(rows: readonly Row[], callId: string): boolean {
  const row = rows.findLast((each) => each.kind === "tool" && each.callId === callId);
  return row?.kind === "tool" && row.status === "running";
}

function addEvents(view: RunView, events: readonly RunEvent[]): RunView {
  if (view.gap) return view;
  const rows = [...view.rows];
  let { lastSeq, facts, liveTurn, liveOutput } = view;
  let gap = false;
  for (const event of events) {
    if (event.seq <= lastSeq) continue;
    if (event.seq !== lastSeq + 1) {
      gap = true;
      break;
    }
    lastSeq = event.seq;
    addToRows(rows, event);
    facts = addToFacts(facts, event);
    liveTurn = nextLiveTurn(liveTurn, event);
    if (event.type === "tool.finished" && event.data.callId in liveOutput) {
      const { [event.data.callId]: _, ...rest } = liveOutput;
      liveOutput = rest;
    }
  }
  if (lastSeq === view.lastSeq) return gap ? { ...view, gap } : view;
  return { ...view, lastSeq, gap, rows, facts, liveTurn, liveOutput };
}

function nextLiveTurn(live: LiveTurn | null, event: RunEvent): LiveTurn | null {
  if (event.type === "turn.started") return { stage: event.data.stage, turn: event.data.turn, text: "", thinking: "" };
  const ends = event.type === "turn.finished" || event.type === "turn.failed";
  return ends && live !== null && live.stage === event.data.stage && live.turn === event.data.turn ? null : live;
}

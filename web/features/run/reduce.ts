import type { RunEvent, RunFrame } from "../../../contracts/run-events.ts";
import { applyEvent, emptyView, type RunView } from "../../../domain/run/fold.ts";
import { isListed, type ListedEvent } from "./model/history.ts";
import { addToRows, type Row } from "./model/rows.ts";

/** Text of the turn that is being written, from frames without a number; gone when its event comes. */
export interface LiveTurn {
  readonly stage: string;
  readonly turn: number;
  readonly text: string;
  readonly thinking: string;
}

/** A run as one browser has seen it so far: the domain’s fold of its events, and what the transcript shows. */
export interface RunPage {
  /** Number of the newest event seen; a new connection asks for what comes after it. */
  readonly lastSeq: number;
  /** True when the frames since the last connection had a hole: connect again from `lastSeq`. */
  readonly gap: boolean;
  /** True once the server has ended the catch-up. */
  readonly caughtUp: boolean;
  /** The run's state, by the same fold as the engine’s. */
  readonly view: RunView;
  readonly rows: readonly Row[];
  /** The events that panels list; its identity changes only when one is added. */
  readonly log: readonly ListedEvent[];
  readonly liveTurn: LiveTurn | null;
  /** Output so far of tool calls that still run, by call id. */
  readonly liveOutput: Readonly<Record<string, string>>;
}

export const emptyRunPage: RunPage = {
  lastSeq: 0,
  gap: false,
  caughtUp: false,
  view: emptyView,
  rows: [],
  log: [],
  liveTurn: null,
  liveOutput: {},
};

/** The longest live output that is kept of one call, in characters; the event brings the whole. */
const maxLiveOutput = 20_000;

/**
 * The page after one more frame. Events that were seen already are skipped; with a hole before them they are left out and `gap` is set,
 * so that view and rows are always the fold of events 1 to `lastSeq`.
 */
export function reduce(page: RunPage, frame: RunFrame): RunPage {
  switch (frame.t) {
    case "events":
      return addEvents(page, frame.events);
    case "live":
      return { ...page, caughtUp: true };
    case "delta": {
      const { stage, turn, kind, text } = frame;
      const live = page.liveTurn;
      if (live === null || live.stage !== stage || live.turn !== turn) return page;
      return { ...page, liveTurn: { ...live, [kind]: live[kind] + text } };
    }
    case "output": {
      if (!isRunning(page.rows, frame.callId)) return page;
      const text = ((page.liveOutput[frame.callId] ?? "") + frame.text).slice(-maxLiveOutput);
      return { ...page, liveOutput: { ...page.liveOutput, [frame.callId]: text } };
    }
  }
}

/** The page at the start of a new connection: text that was streamed without a number is dropped, numbered events stay. */
export function reconnected(page: RunPage): RunPage {
  const liveTurn = page.liveTurn === null ? null : { ...page.liveTurn, text: "", thinking: "" };
  return { ...page, gap: false, caughtUp: false, liveTurn, liveOutput: {} };
}

function isRunning(rows: readonly Row[], callId: string): boolean {
  const row = rows.findLast((each) => each.kind === "tool" && each.callId === callId);
  return row?.kind === "tool" && row.status === "running";
}

function addEvents(page: RunPage, events: readonly RunEvent[]): RunPage {
  if (page.gap) return page;
  const rows = [...page.rows];
  const listed: ListedEvent[] = [];
  let { lastSeq, view, liveTurn, liveOutput } = page;
  let gap = false;
  for (const event of events) {
    if (event.seq <= lastSeq) continue;
    if (event.seq !== lastSeq + 1) {
      gap = true;
      break;
    }
    lastSeq = event.seq;
    addToRows(rows, event);
    view = applyEvent(view, event);
    if (isListed(event)) listed.push(event);
    liveTurn = nextLiveTurn(liveTurn, event);
    if (event.type === "tool.finished" && event.data.callId in liveOutput) {
      const { [event.data.callId]: _, ...rest } = liveOutput;
      liveOutput = rest;
    }
  }
  if (lastSeq === page.lastSeq) return gap ? { ...page, gap } : page;
  const log = listed.length === 0 ? page.log : [...page.log, ...listed];
  return { ...page, lastSeq, gap, view, rows, log, liveTurn, liveOutput };
}

function nextLiveTurn(live: LiveTurn | null, event: RunEvent): LiveTurn | null {
  if (event.type === "turn.started") return { stage: event.data.stage, turn: event.data.turn, text: "", thinking: "" };
  const ends = event.type === "turn.finished" || event.type === "turn.failed";
  return ends && live !== null && live.stage === event.data.stage && live.turn === event.data.turn ? null : live;
}

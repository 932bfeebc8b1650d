import { followsPulls } from "../../../domain/run/watch.ts";
import { ApiError } from "../../lib/api.ts";
import type { Connection } from "../../lib/connection.ts";
import { runEvents } from "../../lib/queries.ts";
import { closeCodes, isFinal } from "../../lib/vocabulary.ts";
import { isMark, parseFrame, waitBefore } from "./frames.ts";
import type { RunStore } from "./store.ts";

const pingEveryMs = 25_000;
const deadAfterMs = 60_000;

export type FollowEnd = "signed_out" | "forbidden" | "not_found";

interface FollowOptions {
  readonly runId: string;
  readonly store: RunStore;
  readonly onConnection: (connection: Connection) => void;
  /** Called when the server refuses for good: no further try is made. */
  readonly onEnd: (end: FollowEnd) => void;
}

const ends: Readonly<Record<number, FollowEnd>> = {
  [closeCodes.signedOut]: "signed_out",
  [closeCodes.forbidden]: "forbidden",
  [closeCodes.notFound]: "not_found",
};

/**
 * Keeps `store` equal to the run's log over its socket: connects from the last number seen, again after every loss, at once when the tab or
 * the network comes back. While no socket can be had, events are asked for by HTTP. Returns how to stop.
 */
export function followRun({ runId, store, onConnection, onEnd }: FollowOptions): () => void {
  let socket: WebSocket | null = null;
  let attempt = 0;
  let stopped = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let heardAt = 0;

  const connect = () => {
    clearTimeout(retry);
    retry = undefined;
    if (stopped || socket !== null) return;
    store.restart();
    const since = store.read().lastSeq;
    const address = new URL(`/api/runs/${encodeURIComponent(runId)}/socket?since=${since}`, window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const mine = new WebSocket(address);
    socket = mine;
    heardAt = Date.now();
    mine.addEventListener("message", (message) => {
      if (socket !== mine) return;
      heardAt = Date.now();
      if (isMark(message.data)) return mine.send(message.data);
      const frame = parseFrame(message.data);
      if (frame === null) return;
      store.add(frame);
      if (store.read().gap) return lose(mine);
      if (frame.t !== "live") return;
      attempt = 0;
      onConnection("live");
    });
    mine.addEventListener("close", (event) => {
      if (socket !== mine) return;
      socket = null;
      const end = ends[event.code];
      if (end !== undefined) {
        stopped = true;
        onConnection("lost");
        onEnd(end);
        return;
      }
      scheduleRetry();
    });
  };

  const lose = (which: WebSocket) => {
    if (socket !== which) return;
    socket = null;
    which.close();
    scheduleRetry();
  };

  const scheduleRetry = () => {
    if (stopped) return;
    const { view, caughtUp } = store.read();
    if (isFinal(view.state) && caughtUp && !followsPulls(view)) {
      onConnection("live");
      return;
    }
    onConnection("lost");
    if (attempt > 0) void catchUp();
    retry = setTimeout(connect, waitBefore(attempt, Math.random()));
    attempt += 1;
  };

  const catchUp = async () => {
    try {
      const events = await runEvents(runId, store.read().lastSeq, 500);
      if (!stopped) store.add({ t: "events", events });
    } catch (error) {
      if (stopped || !(error instanceof ApiError)) return;
      const end: FollowEnd | null =
        error.status === 401
          ? "signed_out"
          : error.status === 403
            ? "forbidden"
            : error.status === 404
              ? "not_found"
              : null;
      if (end === null) return;
      stopped = true;
      clearTimeout(retry);
      onEnd(end);
    }
  };

  const hurry = () => {
    if (document.visibilityState === "hidden" || stopped) return;
    if (socket === null && retry !== undefined) connect();
  };

  const heart = setInterval(() => {
    if (socket === null || socket.readyState !== WebSocket.OPEN) return;
    if (Date.now() - heardAt > deadAfterMs) lose(socket);
    else socket.send("ping");
  }, pingEveryMs);
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  onConnection("connecting");
  connect();

  return () => {
    stopped = true;
    clearTimeout(retry);
    clearInterval(heart);
    window.removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
    socket?.close();
    socket = null;
  };
}

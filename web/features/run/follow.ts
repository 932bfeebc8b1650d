import { followsPulls } from "../../../domain/run/watch.ts";
import type { Connection } from "../../lib/connection.ts";
import { openLiveSocket, type SocketEnd } from "../../lib/live-socket.ts";
import { runEvents } from "../../lib/queries.ts";
import { isFinal } from "../../lib/vocabulary.ts";
import { parseRunFrame } from "./frames.ts";
import type { RunStore } from "./store.ts";

interface FollowOptions {
  readonly runId: string;
  readonly store: RunStore;
  readonly onConnection: (connection: Connection) => void;
  /** Called when the server refuses for good: no further try is made. */
  readonly onEnd: (end: SocketEnd) => void;
}

/** Keeps `store` equal to the run's log over its socket, from the last number seen. Returns how to stop. */
export function followRun({ runId, store, onConnection, onEnd }: FollowOptions): () => void {
  let stopped = false;
  const socket = openLiveSocket({
    address: () => {
      store.restart();
      return `/api/runs/${encodeURIComponent(runId)}/socket?since=${store.read().lastSeq}`;
    },
    onMessage: (data) => {
      const frame = parseRunFrame(data);
      if (frame === null) return "more";
      store.add(frame);
      if (store.read().gap) return "gap";
      return frame.t === "live" ? "live" : "more";
    },
    isOver: () => {
      const { view, caughtUp } = store.read();
      return isFinal(view.state) && caughtUp && !followsPulls(view);
    },
    catchUp: async () => {
      const events = await runEvents(runId, store.read().lastSeq, 500);
      if (!stopped) store.add({ t: "events", events });
    },
    onConnection,
    onEnd,
  });
  return () => {
    stopped = true;
    socket.stop();
  };
}

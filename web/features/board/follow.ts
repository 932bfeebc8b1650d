import type { Connection } from "../../lib/connection.ts";
import { openLiveSocket, type SocketEnd } from "../../lib/live-socket.ts";
import { isFinal } from "../../lib/vocabulary.ts";
import { parseBoardFrame } from "./frames.ts";
import type { BoardStore } from "./store.ts";

interface FollowOptions {
  readonly projectId: string;
  readonly store: BoardStore;
  /** Reads the board anew into the store; throws what the request throws. */
  readonly reload: () => Promise<void>;
  readonly onConnection: (connection: Connection) => void;
  /** Called when the server refuses for good: no further try is made. */
  readonly onEnd: (end: SocketEnd) => void;
}

interface FollowedBoard {
  /** Tells the others which ticket this person looks at. */
  look(ticketId: string | null): void;
  stop(): void;
}

/** Keeps `store` equal to a project's board over its socket, from the number of the store's board. */
export function followBoard({ projectId, store, reload, onConnection, onEnd }: FollowOptions): FollowedBoard {
  let looksAt: string | null = null;
  let wanted = store.read().model.wanted;
  let wasLive = false;
  const reloadLater = () => void reload().catch(() => undefined);

  const socket = openLiveSocket({
    address: () => {
      store.restart();
      return `/api/projects/${encodeURIComponent(projectId)}/board/socket?since=${store.read().model.headSeq}`;
    },
    onMessage: (data) => {
      const frame = parseBoardFrame(data);
      if (frame === null) return "more";
      store.addFrame(frame);
      if (store.read().model.gap) return "gap";
      if (frame.t !== "live") return "more";
      // The states of runs have no number: those of the time without a socket come with the board itself.
      if (wasLive || hasRunAtWork(store)) reloadLater();
      wasLive = true;
      if (looksAt !== null) socket.send(`look ${looksAt}`);
      return "live";
    },
    catchUp: reload,
    onConnection,
    onEnd,
  });
  const unsubscribe = store.subscribe(() => {
    const { model } = store.read();
    if (model.gap) return socket.reconnect();
    if (model.wanted === wanted) return;
    wanted = model.wanted;
    reloadLater();
  });

  return {
    look(ticketId) {
      looksAt = ticketId;
      socket.send(`look ${ticketId ?? ""}`);
    },
    stop() {
      unsubscribe();
      socket.stop();
    },
  };
}

function hasRunAtWork(store: BoardStore): boolean {
  return [...store.read().tickets.values()].some(({ run }) => run !== null && !isFinal(run.state));
}

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { FeedFrame } from "../../contracts/feed.ts";
import { openLiveSocket } from "../lib/live-socket.ts";
import { parseFrame } from "../lib/socket-frames.ts";
import { allTopics, createReloader } from "./reloader.ts";

const frameKinds = { live: true, changed: true } as const;

/** Keeps the lists of the tenant's runs, projects, budgets and notices as they are on the server, over one socket. */
export function useFeed(): void {
  const client = useQueryClient();
  useEffect(() => {
    const reloader = createReloader(client);
    let wasLive = false;
    const socket = openLiveSocket({
      address: () => "/api/feed/socket",
      onMessage: (data) => {
        const frame = parseFrame<FeedFrame>(data, frameKinds);
        if (frame === null) return "more";
        if (frame.t === "changed") reloader.reload(frame.topics);
        if (frame.t !== "live") return "more";
        // The feed keeps nothing: changes of the time without a socket are in the lists alone.
        if (wasLive) reloader.reload(allTopics);
        else reloader.reloadAllSoon();
        wasLive = true;
        return "live";
      },
      catchUp: async () => reloader.reload(allTopics),
      onConnection: () => undefined,
      onEnd: () => void client.invalidateQueries({ queryKey: ["me"] }),
    });
    return () => {
      socket.stop();
      reloader.stop();
    };
  }, [client]);
}

import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { FeedFrame, FeedTopic } from "../../contracts/feed.ts";
import { openLiveSocket } from "../lib/live-socket.ts";
import { parseFrame } from "../lib/socket-frames.ts";

/** The queries of each topic begin with this key. */
const keyOf: Readonly<Record<FeedTopic, string>> = {
  runs: "runs",
  projects: "projects",
  budgets: "project-budget",
  notices: "notices",
};
const allTopics = Object.keys(keyOf) as FeedTopic[];
const frameKinds = { live: true, changed: true } as const;
/** A list that changes all the time is loaded once in this time, in ms. */
const reloadEveryMs = 1_000;

/**
 * Loads lists again: the first change at once, those that follow within a second together at its end. Only lists that are shown are asked
 * for now; the others when they are shown.
 */
export function createReloader(client: Pick<QueryClient, "invalidateQueries">) {
  const waiting = new Set<FeedTopic>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    if (waiting.size === 0) return;
    timer = setTimeout(flush, reloadEveryMs);
    for (const topic of waiting) void client.invalidateQueries({ queryKey: [keyOf[topic]] });
    waiting.clear();
  };
  return {
    reload(topics: readonly FeedTopic[]): void {
      for (const topic of topics) if (topic in keyOf) waiting.add(topic);
      if (timer === undefined) flush();
    },
    stop(): void {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}

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

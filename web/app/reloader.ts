import type { QueryClient } from "@tanstack/react-query";
import type { FeedTopic } from "../../contracts/feed.ts";

/** The queries of each topic begin with this key. */
const keyOf: Readonly<Record<FeedTopic, string>> = {
  runs: "runs",
  projects: "projects",
  budgets: "project-budget",
  notices: "notices",
};
/** All topics, for a page that may have missed something. */
export const allTopics = Object.keys(keyOf) as FeedTopic[];
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
    /** Loads every list again in a second: a page that has just been opened may load them for the first time now. */
    reloadAllSoon(): void {
      for (const topic of allTopics) waiting.add(topic);
      timer ??= setTimeout(flush, reloadEveryMs);
    },
    stop(): void {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}

/** The lists of a tenant that its feed tells of. */
export const feedTopics = ["runs", "projects", "budgets", "notices"] as const;
export type FeedTopic = (typeof feedTopics)[number];

/**
 * A frame of `GET /api/feed/socket`. `live` says that everything from now on comes; `changed` names the lists that are different now, and
 * nothing of what they hold: a page asks for those that it shows.
 */
export type FeedFrame = { readonly t: "live" } | { readonly t: "changed"; readonly topics: readonly FeedTopic[] };

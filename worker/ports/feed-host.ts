import type { FeedTopic } from "../../contracts/feed.ts";

/** The start of a socket on a tenant's feed. */
export interface FeedSocketStart {
  readonly sessionKey: string;
  /** When the session expires, in UTC milliseconds. */
  readonly expiresAtMs: number;
}

/** The tenants' feeds: one host a tenant, which tells the open pages which lists have changed. It keeps no list itself. */
export interface FeedHost {
  /** Tells the tenant's open pages that lists have changed. Nothing is stored, and without an open page nothing happens. */
  tell(tenantId: number, topics: readonly FeedTopic[]): Promise<void>;
  /** Upgrades to the tenant's feed; the socket is closed when the session ends. */
  socket(tenantId: number, request: Request, opening: FeedSocketStart): Promise<Response>;
  /** Closes the sockets that a session has opened on the feed. */
  closeSockets(tenantId: number, sessionKey: string, reason: "signed_out" | "expired" | "forbidden"): Promise<void>;
}

import { carriesSession, scopeOfSocket } from "../middleware/session.ts";
import { openFeedSocket, readFeedSocketOfSession } from "../services/tenancy/feed.ts";
import { requireUpgrade, type ApiApp } from "./shared.ts";

/** `GET /api/feed/socket`, which tells of the tenant's lists: it reads its session itself, in the batch that records the socket. */
export function registerFeedSocket(app: ApiApp): void {
  app.get("/api/feed/socket", carriesSession, async (c) => {
    const { deps, sessionToken } = c.var;
    const request = c.req.raw;
    requireUpgrade(request, deps.publicOrigin);
    const { expiresAtMs, scope } = await scopeOfSocket(c, readFeedSocketOfSession(deps, sessionToken));
    return openFeedSocket(deps, scope, { request, expiresAtMs });
  });
}

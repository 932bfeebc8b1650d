import type { FeedTopic } from "../contracts/feed.ts";
import type { BoardObject } from "../durable-objects/board/board-object.ts";
import type { FeedObject } from "../durable-objects/feed/feed-object.ts";
import type { RunObject } from "../durable-objects/run/run-object.ts";
import type { Env } from "./env.ts";
import type { BoardHost, BoardPlace } from "./ports/board-host.ts";
import type { BudgetHost } from "./ports/budget.ts";
import type { FeedHost } from "./ports/feed-host.ts";
import type { RunHost } from "./ports/run-host.ts";

/** The runs' hosts: a Durable Object for each run. */
export function runHost(runs: Env["RUNS"]): RunHost {
  const of = (runId: number): DurableObjectStub<RunObject> => runs.getByName(`run:${runId}`);
  const upgrade = (
    runId: number,
    request: Request,
    since: number,
    own: Readonly<Record<string, string>>,
  ): Promise<Response> => {
    return of(runId).fetch(socketRequest(request, { "x-socket-since": String(since), ...own }));
  };
  return {
    command: (runId, caller, command) => of(runId).command(caller, command),
    read: (runId, query) => of(runId).read(query),
    socket: (runId, request, { expiresAtMs, sessionKey, since }) =>
      upgrade(runId, request, since, {
        "x-socket-session": sessionKey,
        "x-socket-expires": String(expiresAtMs),
      }),
    grantedSocket: (runId, request, { grantKey, since }) =>
      upgrade(runId, request, since, { "x-socket-grant": grantKey }),
  };
}

/** The boards' hosts: a Durable Object for each project. */
export function boardHost(boards: Env["BOARDS"]): BoardHost {
  const of = (projectId: number): DurableObjectStub<BoardObject> => boards.getByName(`board:${projectId}`);
  return {
    write: (place, caller, command) => of(place.projectId).write(place, caller, command),
    showRun: (place, ticketId, run) => of(place.projectId).showRun(place, ticketId, run),
    autopilot: (place) => of(place.projectId).autopilot(place),
    steerAutopilot: (place) => of(place.projectId).steerAutopilot(place),
    closeSockets: (projectId, sessionKey, reason) => of(projectId).closeSockets(sessionKey, reason),
    socket: ({ projectId, tenantId }, request, { expiresAtMs, person, sessionKey, since }) =>
      of(projectId).fetch(
        socketRequest(request, {
          "x-board-tenant": String(tenantId),
          "x-board-project": String(projectId),
          "x-socket-since": String(since),
          "x-socket-session": sessionKey,
          "x-socket-expires": String(expiresAtMs),
          "x-socket-person": encodeURIComponent(JSON.stringify(person)),
        }),
      ),
  };
}

/** The projects' money, each in its board's object. */
export function budgetHost(boards: Env["BOARDS"]): BudgetHost {
  const of = ({ projectId }: BoardPlace): DurableObjectStub<BoardObject> => boards.getByName(`board:${projectId}`);
  return {
    reserve: (call) => of(call).reserveCall(call),
    settle: (spending) => of(spending).settleSpending(spending),
    read: (place, atMs) => of(place).readMoney(place, atMs),
    set: (place, caller, change, atMs) => of(place).setBudget(place, caller, change, atMs),
  };
}

/** The tenants' feeds: a Durable Object for each tenant. */
export function feedHost(feeds: Env["FEEDS"]): FeedHost {
  const of = (tenantId: number): DurableObjectStub<FeedObject> => feeds.getByName(`feed:${tenantId}`);
  return {
    tell: (tenantId, topics) => of(tenantId).tell(topics),
    closeSockets: (tenantId, sessionKey, reason) => of(tenantId).closeSockets(sessionKey, reason),
    socket: (tenantId, request, { expiresAtMs, sessionKey }) =>
      of(tenantId).fetch(
        socketRequest(request, {
          "x-feed-tenant": String(tenantId),
          "x-socket-session": sessionKey,
          "x-socket-expires": String(expiresAtMs),
        }),
      ),
  };
}

/**
 * Tells a tenant's open pages that a list has changed. It never fails: a feed that can't be reached has lost its sockets too, and the pages
 * load their lists anew when they are connected again.
 */
export async function tellFeed(
  feeds: Env["FEEDS"],
  tenantId: number,
  topic: FeedTopic,
  log: (level: "warn", message: string, fields: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const { tell } = feedHost(feeds);
  try {
    await tell(tenantId, [topic]).catch(() => tell(tenantId, [topic]));
  } catch (error) {
    log("warn", "a tenant's pages were not told", { tenantId, topic, detail: String(error) });
  }
}

/** An upgrade with the Worker's own headers and none of the browser's. */
function socketRequest(request: Request, own: Readonly<Record<string, string>>): Request {
  return new Request(request.url, { headers: new Headers({ upgrade: "websocket", ...own }) });
}

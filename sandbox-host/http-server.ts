import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { sandboxId, sandboxOpenRequest } from "../contracts/sandbox-host.ts";
import { HostError, toHostError } from "./errors.ts";
import { check, readJson, sendJson, sendProblem, type Exchange } from "./http-io.ts";
import {
  blobRoute,
  cancelRoute,
  changesRoute,
  execRoute,
  listRoute,
  readFileRoute,
  removeRoute,
  seedRoute,
  writeFileRoute,
} from "./http-routes.ts";
import { tunnelRoute } from "./http-tunnel.ts";
import type { SandboxRegistry } from "./registry.ts";
import type { SeedLimits } from "./seed.ts";

export interface ServerParts {
  readonly registry: SandboxRegistry;
  readonly token: string;
  readonly isolation: string;
  readonly seedLimits: SeedLimits;
}

/**
 * Idle connections are kept this many milliseconds. Node's own five seconds are about as long as a client keeps one: a request that is
 * sent just as the host closes the connection is lost (ECONNRESET).
 */
const keptAliveMs = 75_000;

/** The host's HTTP server, not yet listening. Every request without the right bearer token is answered 401. */
export function createHostServer(parts: ServerParts): Server {
  const tokenDigest = digest(`Bearer ${parts.token}`);
  // A seed or a preview may take long; Node's own headersTimeout ends a request whose head comes too slowly.
  const options = { requestTimeout: 0, maxHeaderSize: 64 * 1024, keepAliveTimeout: keptAliveMs };
  return createServer(options, (request, response) => {
    void (async () => {
      try {
        if (!timingSafeEqual(digest(request.headers.authorization ?? ""), tokenDigest)) {
          throw new HostError("unauthorized", "the bearer token is missing or wrong");
        }
        const { pathname, searchParams } = parseUrl(request);
        await route(parts, pathname, { request, response, query: searchParams });
      } catch (error) {
        sendProblem(response, toHostError(error));
      }
    })();
  });
}

/** Compared by digest, so that neither length nor content shows in the time that it takes. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function parseUrl(request: IncomingMessage): URL {
  const url = URL.parse(request.url ?? "/", "http://sandbox-host");
  if (url === null) throw new HostError("invalid_request", "the URL can't be read");
  return url;
}

async function route(parts: ServerParts, pathname: string, exchange: Exchange): Promise<void> {
  const { registry } = parts;
  const method = exchange.request.method ?? "";
  if (method === "GET" && pathname === "/v1/health") {
    return sendJson(exchange.response, { ok: true, isolation: parts.isolation, sandboxes: registry.size });
  }
  if (method === "GET" && pathname === "/v1/sandboxes") {
    return sendJson(exchange.response, { sandboxes: registry.list() });
  }
  const [, rawId, action = ""] = /^\/v1\/sandboxes\/([^/]*)(?:\/(.*))?$/.exec(pathname) ?? [];
  if (rawId === undefined) throw new HostError("not_found", "no such route");
  const id = check(sandboxId, rawId);
  switch (`${method} ${action}`) {
    case "POST ": {
      const sandbox = await registry.open(id, await readJson(exchange.request, sandboxOpenRequest, 8 * 1024 * 1024));
      return sendJson(exchange.response, { id, generation: sandbox.generation, driver: "host" });
    }
    case "DELETE ":
      await registry.destroy(id);
      return sendJson(exchange.response, {});
    case "PUT seed":
      return seedRoute(registry.get(id), exchange, parts.seedLimits);
    case "PUT blob":
      return blobRoute(registry.get(id), exchange);
    case "POST exec":
      return execRoute(registry.get(id), exchange);
    case "POST cancel":
      return cancelRoute(registry.get(id), exchange);
    case "GET file":
      return readFileRoute(registry.get(id), exchange);
    case "PUT file":
      return writeFileRoute(registry.get(id), exchange);
    case "DELETE file":
      return removeRoute(registry.get(id), exchange);
    case "GET list":
      return listRoute(registry.get(id), exchange);
    case "GET changes":
      return changesRoute(registry.get(id), exchange);
  }
  const port = Number(/^POST ports\/([1-9]\d{0,4})$/.exec(`${method} ${action}`)?.[1] ?? 0);
  if (port < 1 || port > 65_535) throw new HostError("not_found", "no such route");
  return tunnelRoute(registry.get(id), port, exchange);
}

import type { ErrorCode } from "../../contracts/errors.ts";
import { ServiceError } from "../errors.ts";
import { signOutEverywhere } from "../services/tenancy/sign-out.ts";
import type { ApiApp } from "./shared.ts";

const codes: Readonly<Record<number, ErrorCode>> = {
  400: "invalid_request",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  429: "rate_limited",
};

async function messageOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body === "object" && body !== null && "message" in body && typeof body.message === "string")
    return body.message;
  return "Signing in did not work.";
}

/** `/api/auth/*`: public, so to be registered before the session middleware. Its errors become problems like all others. */
export function registerAuth(app: ApiApp): void {
  app.on(["GET", "POST"], "/api/auth/*", async (c) => {
    const { deps } = c.var;
    const handle = (): Promise<Response> => deps.identity.handler(c.req.raw);
    const isSignOut = c.req.method === "POST" && c.req.path === "/api/auth/sign-out";
    const response = isSignOut ? await signOutEverywhere(deps, c.req.raw.headers, handle) : await handle();
    if (response.status < 400) return response;
    const code = codes[response.status];
    if (code === undefined) throw new Error(`identity answered ${response.status}`);
    const seconds = Number(response.headers.get("x-retry-after") ?? "0");
    throw new ServiceError(code, await messageOf(response), seconds > 0 ? { retryAfterMs: seconds * 1000 } : {});
  });
}

import { runSchema, startRunSchema } from "../../contracts/run.ts";
import { idSchema } from "../../contracts/common.ts";
import { personScope } from "../context.ts";
import { ServiceError } from "../errors.ts";
import { carriesSession, requireSession, scopeOfSocket } from "../middleware/session.ts";
import { throughStartGate } from "../middleware/start-gate.ts";
import { openSocket, readSocketOfSession } from "../services/run/read-log.ts";
import { getRun, readRunOfSession } from "../services/run/read-run.ts";
import { openGrantedSocket, startWithSocket } from "../services/run/socket-grant.ts";
import { readStartOfSession } from "../services/run/start-facts.ts";
import { countAhead, takeQuota } from "../services/tenancy/quota.ts";
import { sinceSchema } from "./runs.ts";
import { idParams, json, jsonBody, problems, requireUpgrade, route, type ApiApp } from "./shared.ts";

// These routes are registered before the session middleware: each reads the session in one batch with what else it needs.

const start = route(["run.start", "run.start_review"], {
  method: "post",
  path: "/api/runs",
  tags: ["Runs"],
  summary: "Start a run",
  request: { body: jsonBody(startRunSchema) },
  responses: {
    201: json(runSchema, "The run, started; the same idempotency key answers with the run that it started"),
    ...problems(
      "invalid_request",
      "unauthenticated",
      "forbidden",
      "conflict",
      "payload_too_large",
      "unknown_repository",
      "unknown_model",
      "model_unavailable",
      "unavailable",
      "rate_limited",
    ),
  },
});

const get = route("run.read", {
  method: "get",
  path: "/api/runs/{id}",
  tags: ["Runs"],
  summary: "Read a run",
  request: { params: idParams },
  responses: { 200: json(runSchema, "The run"), ...problems("invalid_request", "unauthenticated", "not_found") },
});

/**
 * `POST /api/runs`: to be registered before the session middleware, since one batch answers the session and everything that a start
 * reads. A request without a session cookie of ours is refused before its body is read.
 */
export function registerRunStart(app: ApiApp): void {
  app.post("/api/runs", carriesSession, throughStartGate);
  app.openapi(start, async (c) => {
    const { deps, lastTenantId, requestId, sessionToken } = c.var;
    const input = c.req.valid("json");
    const quotas = countAhead(deps, lastTenantId, "requests", "starts");
    const { session: found, ...facts } = await readStartOfSession(deps, sessionToken, input);
    const session = requireSession(found);
    const scope = personScope(session, requestId);
    c.set("scope", scope);
    const { cookie, run } = await startWithSocket(deps, scope, { session, token: sessionToken }, input, {
      facts,
      quotas,
    });
    if (cookie !== undefined) c.header("set-cookie", cookie);
    return c.json(run, 201);
  });
}

/** A run's socket: to be registered before the session middleware too, since a start's grant, or one batch, answers the session and the run. */
export function registerRunSocket(app: ApiApp): void {
  app.get("/api/runs/:id/socket", carriesSession, async (c) => {
    const { deps, sessionToken } = c.var;
    const request = c.req.raw;
    requireUpgrade(request, deps.publicOrigin);
    const since = sinceSchema.safeParse(c.req.query("since"));
    const id = idSchema.safeParse(c.req.param("id"));
    if (!since.success || !id.success)
      throw new ServiceError("invalid_request", "since must be the number of the last event that you have.");
    const runId = Number(id.data);
    const granted = await openGrantedSocket(deps, sessionToken, runId, { request, since: since.data });
    if (granted !== undefined) return granted;
    const { run, session } = await readSocketOfSession(deps, sessionToken, runId);
    const { expiresAtMs, scope } = await scopeOfSocket(c, Promise.resolve(session));
    return openSocket(deps, scope, runId, { request, run, since: since.data, expiresAtMs });
  });
}

/** `GET /api/runs/{id}`: to be registered before the session middleware too, since one batch answers the session and the run's row. */
export function registerRunRead(app: ApiApp): void {
  app.get("/api/runs/:id", carriesSession);
  app.openapi(get, async (c) => {
    const { deps, requestId, sessionToken } = c.var;
    const id = Number(c.req.valid("param").id);
    const { session, ...read } = await readRunOfSession(deps, sessionToken, id);
    const scope = personScope(requireSession(session), requestId);
    c.set("scope", scope);
    await takeQuota(deps, scope.tenantId, "requests");
    return c.json(await getRun(deps, scope, id, read), 200);
  });
}

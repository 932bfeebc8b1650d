import * as z from "zod";
import { idSchema, sha256Schema } from "../../contracts/common.ts";
import { ledgerSchema } from "../../contracts/ledger.ts";
import { decidePatchSetSchema, patchContentSchema, patchSetSchema } from "../../contracts/patch-set.ts";
import { pullFilesSchema } from "../../contracts/review.ts";
import { documentedRunEventSchema } from "../../contracts/run-event-document.ts";
import { runSchema, startRunSchema } from "../../contracts/run.ts";
import { personScope, requirePerson } from "../context.ts";
import { ServiceError } from "../errors.ts";
import { isOwnOrigin } from "../middleware/origin.ts";
import { carriesSession, requireSession } from "../middleware/session.ts";
import { throughStartGate } from "../middleware/start-gate.ts";
import { decideOnRun, steerRun } from "../services/run/command-run.ts";
import {
  openSocket,
  readEvents,
  readLedger,
  readPatchContent,
  readPatchSets,
  readPullFiles,
  readSocketOfSession,
} from "../services/run/read-log.ts";
import { getRun, getRuns } from "../services/run/read-run.ts";
import { takeQuota } from "../services/tenancy/quota.ts";
import { openGrantedSocket, startWithSocket } from "../services/run/socket-grant.ts";
import { readStartOfSession } from "../services/run/start-facts.ts";
import { idParams, json, jsonBody, namedPage, passThrough, problems, route, type ApiApp } from "./shared.ts";

const steer = ["run.steer", "run.steer_review"] as const;
const sinceSchema = z.coerce.number().int().min(0).default(0).describe("Number of the last event that the client has");

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
      "payload_too_large",
      "unknown_repository",
      "unknown_model",
      "model_unavailable",
      "unavailable",
      "rate_limited",
    ),
  },
});

const list = route("run.read", {
  method: "get",
  path: "/api/runs",
  tags: ["Runs"],
  summary: "List runs, newest first",
  request: {
    query: z.object({
      projectId: idSchema.optional(),
      q: z
        .string()
        .trim()
        .min(3, "Search for at least 3 characters.")
        .max(200)
        .optional()
        .describe("Full text over title, prompt and messages"),
      state: z.enum(["active", "waiting", "final"]).optional(),
      cursor: idSchema.optional().describe("`nextCursor` of the page before"),
      limit: z.coerce.number().int().min(1).max(100).default(30),
    }),
  },
  responses: {
    200: json(namedPage("RunPage", runSchema), "A page of runs"),
    ...problems("invalid_request", "unauthenticated"),
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

const events = route("run.read", {
  method: "get",
  path: "/api/runs/{id}/events",
  tags: ["Runs"],
  summary: "Read a run's events after a number",
  request: {
    params: idParams,
    query: z.object({ since: sinceSchema, limit: z.coerce.number().int().min(1).max(5000).default(1000) }),
  },
  responses: {
    200: json(
      z.object({ items: z.array(documentedRunEventSchema), headSeq: z.int() }).meta({ id: "RunEvents" }),
      "Events in order, without a gap",
    ),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const cancel = route(steer, {
  method: "post",
  path: "/api/runs/{id}/cancel",
  tags: ["Runs"],
  summary: "Cancel a run",
  request: { params: idParams },
  responses: {
    200: json(runSchema, "The run, cancelled"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

const resume = route(steer, {
  method: "post",
  path: "/api/runs/{id}/resume",
  tags: ["Runs"],
  summary: "Resume a run that needs a human",
  request: { params: idParams },
  responses: {
    200: json(runSchema, "The run, going on"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "run_not_waiting"),
  },
});

const patchSets = route("run.read", {
  method: "get",
  path: "/api/runs/{id}/patch-sets",
  tags: ["Patch sets"],
  summary: "List a run's patch sets, newest first",
  request: { params: idParams },
  responses: {
    200: json(z.object({ items: z.array(patchSetSchema) }).meta({ id: "PatchSets" }), "Every version"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const pullFiles = route("run.read", {
  method: "get",
  path: "/api/runs/{id}/pull-files",
  tags: ["Runs"],
  summary: "Read the diff of the pull request that a run reviews",
  request: { params: idParams },
  responses: {
    200: json(
      pullFilesSchema,
      "The files at the head that was reviewed last; none when the run reviews no pull request",
    ),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const hashParams = z.object({ id: idSchema, hash: sha256Schema });

const patchContent = route("run.read", {
  method: "get",
  path: "/api/runs/{id}/patch-sets/{hash}/patches",
  tags: ["Patch sets"],
  summary: "Read both sides of one path",
  request: { params: hashParams, query: z.object({ path: z.string().min(1).max(4096) }) },
  responses: {
    200: json(patchContentSchema, "Before and after, as text"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const decide = route("patch_set.decide", {
  method: "post",
  path: "/api/runs/{id}/patch-sets/{hash}/decision",
  tags: ["Patch sets"],
  summary: "Approve, reject or request changes, bound to this hash and base",
  request: { params: hashParams, body: jsonBody(decidePatchSetSchema) },
  responses: {
    200: json(patchSetSchema.nullable(), "The patch set with the decision; null for a plan or a review"),
    ...problems(
      "invalid_request",
      "unauthenticated",
      "forbidden",
      "not_found",
      "run_not_waiting",
      "patch_set_stale",
      "already_decided",
      "policy_blocked",
      "unseen_content",
    ),
  },
});

const ledger = route("run.read", {
  method: "get",
  path: "/api/runs/{id}/ledger",
  tags: ["Runs"],
  summary: "Export a run's ledger",
  request: { params: idParams },
  responses: {
    200: json(ledgerSchema, "The hash chain, verifiable offline"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

/**
 * `POST /api/runs`: to be registered before the session middleware, since one batch answers the session and everything that a start
 * reads. A request without a session cookie of ours is refused before its body is read.
 */
export function registerRunStart(app: ApiApp): void {
  app.post("/api/runs", carriesSession, throughStartGate);
  app.openapi(start, async (c) => {
    const { deps, requestId, sessionToken } = c.var;
    const input = c.req.valid("json");
    const { session: found, ...facts } = await readStartOfSession(deps, sessionToken, input);
    const session = requireSession(found);
    const scope = personScope(session, requestId);
    c.set("scope", scope);
    const { cookie, run } = await startWithSocket(deps, scope, { session, token: sessionToken }, input, facts);
    if (cookie !== undefined) c.header("set-cookie", cookie);
    return c.json(run, 201);
  });
}

/** A run's socket: to be registered before the session middleware too, since a start's grant, or one batch, answers the session and the run. */
export function registerRunSocket(app: ApiApp): void {
  app.get("/api/runs/:id/socket", carriesSession, async (c) => {
    const { deps, requestId, sessionToken } = c.var;
    const request = c.req.raw;
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket")
      throw new ServiceError("invalid_request", "This address speaks WebSocket only.");
    if (!isOwnOrigin(request.headers, deps.publicOrigin))
      throw new ServiceError("foreign_origin", "Sockets are opened from our own pages only.");
    const since = sinceSchema.safeParse(c.req.query("since"));
    const id = idSchema.safeParse(c.req.param("id"));
    if (!since.success || !id.success)
      throw new ServiceError("invalid_request", "since must be the number of the last event that you have.");
    const runId = Number(id.data);
    const granted = await openGrantedSocket(deps, sessionToken, runId, { request, since: since.data });
    if (granted !== undefined) return granted;
    const { run, session } = await readSocketOfSession(deps, sessionToken, runId);
    const { expiresAtMs } = requireSession(session);
    const scope = personScope(requireSession(session), requestId);
    c.set("scope", scope);
    await takeQuota(deps, scope.tenantId, "requests");
    return openSocket(deps, scope, runId, { request, run, since: since.data, expiresAtMs });
  });
}

/** Everything else under `/api/runs`. */
export function registerRuns(app: ApiApp): void {
  app.openapi(list, async (c) => {
    const { cursor, limit, projectId, q, state } = c.req.valid("query");
    const page = await getRuns(c.var.deps, c.var.scope, {
      limit,
      state,
      text: q,
      projectId: projectId === undefined ? undefined : Number(projectId),
      before: cursor === undefined ? undefined : Number(cursor),
    });
    return c.json(page, 200);
  });
  app.openapi(get, async (c) => c.json(await getRun(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200));
  app.openapi(cancel, async (c) =>
    c.json(await steerRun(c.var.deps, c.var.scope, Number(c.req.valid("param").id), { kind: "cancel" }), 200),
  );
  app.openapi(resume, async (c) =>
    c.json(await steerRun(c.var.deps, c.var.scope, Number(c.req.valid("param").id), { kind: "resume" }), 200),
  );
  app.openapi(decide, async (c) => {
    const { hash, id } = c.req.valid("param");
    const decision = { hash, ...c.req.valid("json") };
    return c.json(await decideOnRun(c.var.deps, requirePerson(c.var.scope), Number(id), decision), 200);
  });
  app.openapi(events, async (c) => {
    const { deps, scope } = c.var;
    return passThrough(await readEvents(deps, scope, Number(c.req.valid("param").id), c.req.valid("query")));
  });
  app.openapi(patchSets, async (c) =>
    passThrough(await readPatchSets(c.var.deps, c.var.scope, Number(c.req.valid("param").id))),
  );
  app.openapi(patchContent, async (c) => {
    const { hash, id } = c.req.valid("param");
    const { path } = c.req.valid("query");
    return passThrough(await readPatchContent(c.var.deps, c.var.scope, Number(id), { hash, path }));
  });
  app.openapi(pullFiles, async (c) =>
    passThrough(await readPullFiles(c.var.deps, c.var.scope, Number(c.req.valid("param").id))),
  );
  app.openapi(ledger, async (c) =>
    passThrough(await readLedger(c.var.deps, c.var.scope, Number(c.req.valid("param").id))),
  );
}

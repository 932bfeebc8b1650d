import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { idSchema, sha256Schema } from "../../contracts/common.ts";
import { ledgerSchema } from "../../contracts/ledger.ts";
import { decidePatchSetSchema, patchContentSchema, patchSetSchema } from "../../contracts/patch-set.ts";
import { pullFilesSchema } from "../../contracts/review.ts";
import { documentedRunEventSchema } from "../../contracts/run-event-document.ts";
import { runSchema, startRunSchema } from "../../contracts/run.ts";
import { noteSocket } from "../db/stores/open-socket.ts";
import { ServiceError } from "../errors.ts";
import { isOwnOrigin } from "../middleware/origin.ts";
import { cancelRunCommand, decideCommand, resumeRunCommand } from "../services/run/command-run.ts";
import { getRun, getRuns, requireRun } from "../services/run/read-run.ts";
import { startRun } from "../services/run/start-run.ts";
import { idParams, json, jsonBody, namedPage, problems, type ApiApp } from "./shared.ts";

const sinceSchema = z.coerce.number().int().min(0).default(0).describe("Number of the last event that the client has");

const start = createRoute({
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
    ),
  },
});

const list = createRoute({
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

const get = createRoute({
  method: "get",
  path: "/api/runs/{id}",
  tags: ["Runs"],
  summary: "Read a run",
  request: { params: idParams },
  responses: { 200: json(runSchema, "The run"), ...problems("invalid_request", "unauthenticated", "not_found") },
});

const events = createRoute({
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

const cancel = createRoute({
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

const resume = createRoute({
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

const patchSets = createRoute({
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

const pullFiles = createRoute({
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

const patchContent = createRoute({
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

const decide = createRoute({
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
    ),
  },
});

const ledger = createRoute({
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

/** Everything under `/api/runs`, the socket included. */
export function registerRuns(app: ApiApp): void {
  app.openapi(start, async (c) => c.json(await startRun(c.var.context, c.req.valid("json")), 201));
  app.openapi(list, async (c) => {
    const { cursor, limit, projectId, q, state } = c.req.valid("query");
    const page = await getRuns(c.var.context, {
      limit,
      state,
      text: q,
      projectId: projectId === undefined ? undefined : Number(projectId),
      before: cursor === undefined ? undefined : Number(cursor),
    });
    return c.json(page, 200);
  });
  app.openapi(get, async (c) => c.json(await getRun(c.var.context, Number(c.req.valid("param").id)), 200));
  app.openapi(cancel, async (c) => c.json(await cancelRunCommand(c.var.context, Number(c.req.valid("param").id)), 200));
  app.openapi(resume, async (c) => c.json(await resumeRunCommand(c.var.context, Number(c.req.valid("param").id)), 200));
  app.openapi(decide, async (c) => {
    const { hash, id } = c.req.valid("param");
    return c.json(await decideCommand(c.var.context, Number(id), hash, c.req.valid("json")), 200);
  });

  // These pass the host's JSON through as it is: a long log is neither parsed nor copied on its way.
  app.openapi(events, async (c) => {
    const { limit, since } = c.req.valid("query");
    const id = await visible(c.var.context, c.req.valid("param").id);
    return passThrough(await c.var.context.runs.eventsJson(id, since, limit));
  });
  app.openapi(patchSets, async (c) => {
    const id = await visible(c.var.context, c.req.valid("param").id);
    return passThrough(await c.var.context.runs.patchSetsJson(id));
  });
  app.openapi(patchContent, async (c) => {
    const { hash, id } = c.req.valid("param");
    const content = await c.var.context.runs.patchContentJson(
      await visible(c.var.context, id),
      hash,
      c.req.valid("query").path,
    );
    if (content === null) throw new ServiceError("not_found", "This patch set does not change that path.");
    return passThrough(content);
  });
  app.openapi(pullFiles, async (c) => {
    const id = await visible(c.var.context, c.req.valid("param").id);
    return passThrough(await c.var.context.runs.pullFilesJson(id));
  });
  app.openapi(ledger, async (c) => {
    const id = await visible(c.var.context, c.req.valid("param").id);
    return passThrough(await c.var.context.runs.ledgerJson(id));
  });

  app.get("/api/runs/:id/socket", async (c) => {
    const { context, deps } = c.var;
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket")
      throw new ServiceError("invalid_request", "This address speaks WebSocket only.");
    if (!isOwnOrigin(c.req.raw.headers, deps.publicOrigin))
      throw new ServiceError("foreign_origin", "Sockets are opened from our own pages only.");
    const since = sinceSchema.safeParse(c.req.query("since"));
    const id = idSchema.safeParse(c.req.param("id"));
    if (!since.success || !id.success)
      throw new ServiceError("invalid_request", "since must be the number of the last event that you have.");
    const runId = await visible(context, id.data);
    const [response] = await Promise.all([
      context.runs.socket(runId, c.req.raw, since.data, String(context.sessionId)),
      noteSocket(context.db, context.sessionId, runId),
    ]);
    return response;
  });
}

/** The run's number, once it is known to be the tenant's; else `not_found`. */
async function visible(context: Parameters<typeof getRun>[0], id: string): Promise<number> {
  await requireRun(context, Number(id));
  return Number(id);
}

/** JSON that was made by a typed host; the type says so to the router. */
function passThrough(body: string): never {
  return new Response(body, { headers: { "content-type": "application/json; charset=UTF-8" } }) as never;
}

import * as z from "zod";
import { idSchema, sha256Schema } from "../../contracts/common.ts";
import { ledgerSchema } from "../../contracts/ledger.ts";
import { decidePatchSetSchema, patchContentSchema, patchSetSchema } from "../../contracts/patch-set.ts";
import { pullFilesSchema } from "../../contracts/review.ts";
import { documentedRunEventSchema } from "../../contracts/run-event-document.ts";
import { runSchema } from "../../contracts/run.ts";
import { requirePerson } from "../context.ts";
import { decideOnRun, steerRun } from "../services/run/command-run.ts";
import { readEvents, readLedger, readPatchContent, readPatchSets, readPullFiles } from "../services/run/read-log.ts";
import { getRuns } from "../services/run/read-run.ts";
import { idParams, json, jsonBody, namedPage, passThrough, problems, route, type ApiApp } from "./shared.ts";

const steer = ["run.steer", "run.steer_review"] as const;
/** The number of the last event that a client has, in a query. */
export const sinceSchema = z.coerce
  .number()
  .int()
  .min(0)
  .default(0)
  .describe("Number of the last event that the client has");

const list = route("run.read", {
  method: "get",
  path: "/api/runs",
  tags: ["Runs"],
  summary: "List runs, newest first",
  request: {
    query: z.object({
      projectId: idSchema.optional(),
      ticketId: idSchema.optional(),
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

/** The routes under `/api/runs` that do not read the session by themselves. */
export function registerRuns(app: ApiApp): void {
  app.openapi(list, async (c) => {
    const { cursor, limit, projectId, q, state, ticketId } = c.req.valid("query");
    const page = await getRuns(c.var.deps, c.var.scope, {
      limit,
      state,
      text: q,
      projectId: projectId === undefined ? undefined : Number(projectId),
      ticketId: ticketId === undefined ? undefined : Number(ticketId),
      before: cursor === undefined ? undefined : Number(cursor),
    });
    return c.json(page, 200);
  });
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

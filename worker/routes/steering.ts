import * as z from "zod";
import { idSchema } from "../../contracts/common.ts";
import { chooseRepositoriesSchema, orderRepositoriesSchema } from "../../contracts/lane.ts";
import { revisedPlanSchema, revisePlanSchema } from "../../contracts/plan.ts";
import { closePullRequestSchema } from "../../contracts/pull-request.ts";
import { runEffectsSchema } from "../../contracts/effect.ts";
import { answerSchema, modelCallSchema, runLimitsSchema, runSchema, sendMessageSchema } from "../../contracts/run.ts";
import {
  closePullRequest,
  commandRun,
  deleteLeftBranch,
  retryEffects,
  revisePlan,
  steerRun,
} from "../services/run/command-run.ts";
import { readEffects, readModelCall, readModelCalls } from "../services/run/read-log.ts";
import { requirePerson } from "../context.ts";
import { idParams, json, jsonBody, passThrough, problems, route, type ApiApp } from "./shared.ts";

const steer = ["run.steer", "run.steer_review"] as const;
const messageParams = z.object({ id: idSchema, messageId: z.uuid() });
const refusals = problems(
  "invalid_request",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "run_not_waiting",
);

const pause = route(steer, {
  method: "post",
  path: "/api/runs/{id}/pause",
  tags: ["Steering"],
  summary: "Pause a run, until it is resumed",
  request: { params: idParams },
  responses: { 200: json(runSchema, "The run, paused"), ...refusals },
});

const answer = route(steer, {
  method: "post",
  path: "/api/runs/{id}/answer",
  tags: ["Steering"],
  summary: "Answer the agent's question",
  request: { params: idParams, body: jsonBody(answerSchema) },
  responses: { 200: json(runSchema, "The run, going on"), ...refusals },
});

const send = route(steer, {
  method: "post",
  path: "/api/runs/{id}/messages",
  tags: ["Steering"],
  summary:
    "Queue a message for the agent's next turn; the same idempotency key answers with the message that it queued",
  request: { params: idParams, body: jsonBody(sendMessageSchema) },
  responses: { 201: json(z.object({ messageId: z.uuid() }).meta({ id: "QueuedMessage" }), "Queued"), ...refusals },
});

const edit = route(steer, {
  method: "put",
  path: "/api/runs/{id}/messages/{messageId}",
  tags: ["Steering"],
  summary: "Edit a message that still waits",
  request: { params: messageParams, body: jsonBody(answerSchema) },
  responses: { 204: { description: "Edited" }, ...refusals },
});

const remove = route(steer, {
  method: "delete",
  path: "/api/runs/{id}/messages/{messageId}",
  tags: ["Steering"],
  summary: "Remove a message that still waits",
  request: { params: messageParams },
  responses: { 204: { description: "Removed" }, ...refusals },
});

const limits = route("run.set_limits", {
  method: "put",
  path: "/api/runs/{id}/limits",
  tags: ["Steering"],
  summary: "Set what a run may use up",
  request: { params: idParams, body: jsonBody(runLimitsSchema.meta({ id: "RunLimits" })) },
  responses: { 200: json(runSchema, "The run"), ...refusals },
});

const choose = route("run.choose_repositories", {
  method: "put",
  path: "/api/runs/{id}/repositories",
  tags: ["Steering"],
  summary: "Change which of its repositories a run works on",
  request: { params: idParams, body: jsonBody(chooseRepositoriesSchema) },
  responses: { 200: json(runSchema, "The run"), ...refusals, ...problems("unknown_repository") },
});

const order = route("run.choose_repositories", {
  method: "put",
  path: "/api/runs/{id}/repository-order",
  tags: ["Steering"],
  summary: "Order a run's repositories, where they depend on each other",
  request: { params: idParams, body: jsonBody(orderRepositoriesSchema) },
  responses: { 200: json(runSchema, "The run"), ...refusals },
});

const plan = route("patch_set.decide", {
  method: "put",
  path: "/api/runs/{id}/plan",
  tags: ["Steering"],
  summary: "Change the plan that waits for approval; the same plan sent again is stored once",
  request: { params: idParams, body: jsonBody(revisePlanSchema) },
  responses: { 200: json(revisedPlanSchema, "The plan that waits now, as a decision has to name it"), ...refusals },
});

const closePull = route("pull_request.close", {
  method: "post",
  path: "/api/runs/{id}/pull-requests/{repositoryId}/close",
  tags: ["Runs"],
  summary: "Close the pull request that an ended run left in a repository, and delete its branch if wanted",
  request: { params: idParams.extend({ repositoryId: idSchema }), body: jsonBody(closePullRequestSchema) },
  responses: { 200: json(runSchema, "The run; the close follows, and its events tell how it ended"), ...refusals },
});

const deleteBranch = route("pull_request.close", {
  method: "delete",
  path: "/api/runs/{id}/branches/{repositoryId}",
  tags: ["Runs"],
  summary: "Delete the branch that an ended run left in a repository without a pull request",
  request: { params: idParams.extend({ repositoryId: idSchema }) },
  responses: { 200: json(runSchema, "The run; the deletion follows, and its events tell how it ended"), ...refusals },
});

const calls = route("run.read", {
  method: "get",
  path: "/api/runs/{id}/model-calls",
  tags: ["Runs"],
  summary: "List a run's model calls",
  request: { params: idParams },
  responses: {
    200: json(z.object({ items: z.array(modelCallSchema) }).meta({ id: "ModelCalls" }), "Every call, in order"),
    ...refusals,
  },
});

const call = route("run.read", {
  method: "get",
  path: "/api/runs/{id}/model-calls/{callId}",
  tags: ["Runs"],
  summary: "Read one model call with prompt and answer",
  request: { params: z.object({ id: idSchema, callId: z.string().max(200) }) },
  responses: {
    200: json(
      z.object({ call: modelCallSchema, request: z.unknown(), answer: z.unknown() }).meta({ id: "ModelCallBodies" }),
      "The call; credentials are hidden",
    ),
    ...refusals,
    ...problems("unavailable"),
  },
});

const effects = route("run.read", {
  method: "get",
  path: "/api/runs/{id}/effects",
  tags: ["Runs"],
  summary: "List a run's effects that are pending or parked",
  request: { params: idParams },
  responses: { 200: json(runEffectsSchema, "Oldest first; an empty list when all are done"), ...refusals },
});

const retry = route("run.retry_effects", {
  method: "post",
  path: "/api/runs/{id}/effects/retry",
  tags: ["Runs"],
  summary: "Try a run's parked effects again",
  request: { params: idParams },
  responses: { 200: json(runEffectsSchema, "The effects that are still pending or parked after the try"), ...refusals },
});

/** Steering a run, its model calls and its effects: everything under `/api/runs/{id}` that is no decision. */
export function registerSteering(app: ApiApp): void {
  app.openapi(pause, async (c) =>
    c.json(await steerRun(c.var.deps, c.var.scope, Number(c.req.valid("param").id), { kind: "pause" }), 200),
  );
  app.openapi(answer, async (c) => {
    const { text } = c.req.valid("json");
    return c.json(
      await steerRun(c.var.deps, c.var.scope, Number(c.req.valid("param").id), { kind: "answer", text }),
      200,
    );
  });
  app.openapi(send, async (c) => {
    const message = { ...c.req.valid("json"), kind: "send_message", messageId: crypto.randomUUID() } as const;
    const sent = await commandRun(c.var.deps, c.var.scope, Number(c.req.valid("param").id), message);
    return c.json({ messageId: sent.messageId ?? message.messageId }, 201);
  });
  app.openapi(edit, async (c) => {
    const { id, messageId } = c.req.valid("param");
    const { text } = c.req.valid("json");
    await commandRun(c.var.deps, c.var.scope, Number(id), { kind: "change_message", messageId, text });
    return c.body(null, 204);
  });
  app.openapi(remove, async (c) => {
    const { id, messageId } = c.req.valid("param");
    await commandRun(c.var.deps, c.var.scope, Number(id), { kind: "change_message", messageId, text: null });
    return c.body(null, 204);
  });
  app.openapi(limits, async (c) => {
    const command = { kind: "set_limits", limits: c.req.valid("json") } as const;
    return c.json(await steerRun(c.var.deps, c.var.scope, Number(c.req.valid("param").id), command), 200);
  });
  app.openapi(choose, async (c) => {
    const command = { kind: "choose_repositories", ...c.req.valid("json") } as const;
    return c.json(await steerRun(c.var.deps, c.var.scope, Number(c.req.valid("param").id), command), 200);
  });
  app.openapi(order, async (c) => {
    const command = { kind: "order_lanes", ...c.req.valid("json") } as const;
    return c.json(await steerRun(c.var.deps, c.var.scope, Number(c.req.valid("param").id), command), 200);
  });
  app.openapi(plan, async (c) => {
    const { deps, scope } = c.var;
    const revised = await revisePlan(deps, requirePerson(scope), Number(c.req.valid("param").id), c.req.valid("json"));
    return c.json(revised, 200);
  });
  app.openapi(closePull, async (c) => {
    const { id, repositoryId } = c.req.valid("param");
    const request = { repositoryId, ...c.req.valid("json") };
    return c.json(await closePullRequest(c.var.deps, requirePerson(c.var.scope), Number(id), request), 200);
  });
  app.openapi(deleteBranch, async (c) => {
    const { id, repositoryId } = c.req.valid("param");
    return c.json(await deleteLeftBranch(c.var.deps, requirePerson(c.var.scope), Number(id), repositoryId), 200);
  });
  registerInsides(app);
}

/** A run's model calls and effects. */
function registerInsides(app: ApiApp): void {
  app.openapi(calls, async (c) =>
    passThrough(await readModelCalls(c.var.deps, c.var.scope, Number(c.req.valid("param").id))),
  );
  app.openapi(call, async (c) => {
    const { callId, id } = c.req.valid("param");
    return passThrough(await readModelCall(c.var.deps, c.var.scope, Number(id), callId));
  });
  app.openapi(effects, async (c) =>
    passThrough(await readEffects(c.var.deps, c.var.scope, Number(c.req.valid("param").id))),
  );
  app.openapi(retry, async (c) => {
    const { deps, scope } = c.var;
    const id = Number(c.req.valid("param").id);
    await retryEffects(deps, scope, id);
    return passThrough(await readEffects(deps, scope, id));
  });
}

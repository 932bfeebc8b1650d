import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { idSchema } from "../../contracts/common.ts";
import { modelCallSchema, runLimitsSchema, runSchema, sendMessageSchema } from "../../contracts/run.ts";
import { ServiceError } from "../errors.ts";
import {
  answerCommand,
  changeMessageCommand,
  pauseRunCommand,
  sendMessageCommand,
  setLimitsCommand,
} from "../services/run/command-run.ts";
import { getRun } from "../services/run/read-run.ts";
import { idParams, json, jsonBody, problems, type ApiApp } from "./shared.ts";

const messageParams = z.object({ id: idSchema, messageId: z.uuid() });
const refusals = problems(
  "invalid_request",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "run_not_waiting",
);

const pause = createRoute({
  method: "post",
  path: "/api/runs/{id}/pause",
  tags: ["Steering"],
  summary: "Pause a run; resume goes on",
  request: { params: idParams },
  responses: { 200: json(runSchema, "The run, paused"), ...refusals },
});

const answer = createRoute({
  method: "post",
  path: "/api/runs/{id}/answer",
  tags: ["Steering"],
  summary: "Answer the agent's question",
  request: { params: idParams, body: jsonBody(sendMessageSchema) },
  responses: { 200: json(runSchema, "The run, going on"), ...refusals },
});

const send = createRoute({
  method: "post",
  path: "/api/runs/{id}/messages",
  tags: ["Steering"],
  summary: "Queue a message for the agent's next turn",
  request: { params: idParams, body: jsonBody(sendMessageSchema) },
  responses: { 201: json(z.object({ messageId: z.uuid() }).meta({ id: "QueuedMessage" }), "Queued"), ...refusals },
});

const edit = createRoute({
  method: "put",
  path: "/api/runs/{id}/messages/{messageId}",
  tags: ["Steering"],
  summary: "Edit a message that still waits",
  request: { params: messageParams, body: jsonBody(sendMessageSchema) },
  responses: { 204: { description: "Edited" }, ...refusals },
});

const remove = createRoute({
  method: "delete",
  path: "/api/runs/{id}/messages/{messageId}",
  tags: ["Steering"],
  summary: "Remove a message that still waits",
  request: { params: messageParams },
  responses: { 204: { description: "Removed" }, ...refusals },
});

const limits = createRoute({
  method: "put",
  path: "/api/runs/{id}/limits",
  tags: ["Steering"],
  summary: "Set what a run may use up",
  request: { params: idParams, body: jsonBody(runLimitsSchema.meta({ id: "RunLimits" })) },
  responses: { 200: json(runSchema, "The run"), ...refusals },
});

const calls = createRoute({
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

const call = createRoute({
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

/** Steering a run, and its model calls: everything under `/api/runs/{id}` that is no decision. */
export function registerSteering(app: ApiApp): void {
  app.openapi(pause, async (c) => c.json(await pauseRunCommand(c.var.context, Number(c.req.valid("param").id)), 200));
  app.openapi(answer, async (c) =>
    c.json(await answerCommand(c.var.context, Number(c.req.valid("param").id), c.req.valid("json").text), 200),
  );
  app.openapi(send, async (c) =>
    c.json(await sendMessageCommand(c.var.context, Number(c.req.valid("param").id), c.req.valid("json").text), 201),
  );
  app.openapi(edit, async (c) => {
    const { id, messageId } = c.req.valid("param");
    await changeMessageCommand(c.var.context, Number(id), messageId, c.req.valid("json").text);
    return c.body(null, 204);
  });
  app.openapi(remove, async (c) => {
    const { id, messageId } = c.req.valid("param");
    await changeMessageCommand(c.var.context, Number(id), messageId, null);
    return c.body(null, 204);
  });
  app.openapi(limits, async (c) =>
    c.json(await setLimitsCommand(c.var.context, Number(c.req.valid("param").id), c.req.valid("json")), 200),
  );
  app.openapi(calls, async (c) => {
    const run = await getRun(c.var.context, Number(c.req.valid("param").id));
    return c.json(JSON.parse(await c.var.context.runs.modelCallsJson(Number(run.id))), 200);
  });
  app.openapi(call, async (c) => {
    const { callId, id } = c.req.valid("param");
    const run = await getRun(c.var.context, Number(id));
    const body = await c.var.context.runs.modelCallJson(Number(run.id), callId);
    if (body === null) throw new ServiceError("not_found", "This run made no such model call.");
    if (typeof body !== "string")
      throw new ServiceError(
        "unavailable",
        "The call's text is kept in the object store, which does not answer. Try again.",
      );
    return c.json(JSON.parse(body), 200);
  });
}

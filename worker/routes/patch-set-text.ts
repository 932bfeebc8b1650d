import * as z from "zod";
import { idSchema, sha256Schema } from "../../contracts/common.ts";
import { pullRequestTextSchema } from "../../contracts/pull-request.ts";
import { readPullRequestText } from "../services/run/read-log.ts";
import { json, passThrough, problems, route, type ApiApp } from "./shared.ts";

const text = route("run.read", {
  method: "get",
  path: "/api/runs/{id}/patch-sets/{hash}/pull-request",
  tags: ["Patch sets"],
  summary: "Read the pull request's whole text, evidence included, as it would be written now",
  request: { params: z.object({ id: idSchema, hash: sha256Schema }) },
  responses: {
    200: json(pullRequestTextSchema, "Title and body, in Markdown"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

/** `GET /api/runs/{id}/patch-sets/{hash}/pull-request`. */
export function registerPatchSetText(app: ApiApp): void {
  app.openapi(text, async (c) => {
    const { hash, id } = c.req.valid("param");
    return passThrough(await readPullRequestText(c.var.deps, c.var.scope, Number(id), hash));
  });
}

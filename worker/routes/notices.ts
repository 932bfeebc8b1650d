import * as z from "zod";
import { idSchema } from "../../contracts/common.ts";
import { noticeSchema, readNoticesSchema } from "../../contracts/notice.ts";
import { requirePerson } from "../context.ts";
import { getNotices, markNoticesRead } from "../services/notice/notices.ts";
import { json, jsonBody, namedPage, problems, route, type ApiApp } from "./shared.ts";

const list = route("run.read", {
  method: "get",
  path: "/api/notices",
  tags: ["Notices"],
  summary: "List my notices, newest first",
  request: {
    query: z.object({
      unread: z.enum(["true", "false"]).optional().describe("Only those that I have not read"),
      cursor: idSchema.optional().describe("`nextCursor` of the page before"),
      limit: z.coerce.number().int().min(1).max(100).default(30),
    }),
  },
  responses: {
    200: json(namedPage("NoticePage", noticeSchema), "A page of notices"),
    ...problems("invalid_request", "unauthenticated", "forbidden"),
  },
});

const read = route("run.read", {
  method: "post",
  path: "/api/notices/read",
  tags: ["Notices"],
  summary: "Mark my notices as read",
  request: { body: jsonBody(readNoticesSchema) },
  responses: { 204: { description: "Read" }, ...problems("invalid_request", "unauthenticated", "forbidden") },
});

/** `GET /api/notices`, `POST /api/notices/read`. */
export function registerNotices(app: ApiApp): void {
  app.openapi(list, async (c) => {
    const { cursor, limit, unread } = c.req.valid("query");
    const before = cursor === undefined ? undefined : Number(cursor);
    const filter = { unread: unread === "true", before, limit };
    return c.json(await getNotices(c.var.deps, requirePerson(c.var.scope), filter), 200);
  });
  app.openapi(read, async (c) => {
    await markNoticesRead(c.var.deps, requirePerson(c.var.scope), Number(c.req.valid("json").upTo));
    return c.body(null, 204);
  });
}

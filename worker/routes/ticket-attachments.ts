import * as z from "zod";
import { attachmentSchema, maxAttachmentBytes } from "../../contracts/ticket-parts.ts";
import { savedAs } from "../../domain/text/file-name.ts";
import { limitBody } from "../middleware/body-limit.ts";
import {
  addAttachment,
  deleteAttachment,
  fileTooLarge,
  getAttachments,
  readAttachment,
  restoreAttachment,
} from "../services/board/attachments.ts";
import { idParams, json, problems, route, type ApiApp } from "./shared.ts";

/** Where files are sent; its body has a limit of its own. */
export const attachmentsPath = "/api/tickets/:id/attachments";

/** The limit of a body that is a file. */
export const limitAttachment = limitBody(maxAttachmentBytes, {
  detail: fileTooLarge,
  discardedBytes: maxAttachmentBytes,
});

const fileContent = { "application/octet-stream": { schema: { type: "string", format: "binary" } as const } };

const list = route("ticket.read", {
  method: "get",
  path: "/api/tickets/{id}/attachments",
  tags: ["Tickets"],
  summary: "List a ticket's files, oldest first",
  request: { params: idParams },
  responses: {
    200: json(z.object({ items: z.array(attachmentSchema) }).meta({ id: "Attachments" }), "The files"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const add = route("upload.create", {
  method: "post",
  path: "/api/tickets/{id}/attachments",
  tags: ["Tickets"],
  summary: "Attach a file to a ticket",
  description:
    "The body is the file itself, and `name` its name. Folders and unfit characters of the name are left out.",
  request: {
    params: idParams,
    query: z.object({ name: z.string().min(1, "Name the file.").max(1000, "may have at most 1,000 characters") }),
    body: { required: true, content: fileContent },
  },
  responses: {
    201: json(attachmentSchema, "The file as it is kept"),
    ...problems(
      ...(["invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"] as const),
      ...(["payload_too_large", "rate_limited", "unavailable"] as const),
    ),
  },
});

const read = route("upload.read", {
  method: "get",
  path: "/api/attachments/{id}",
  tags: ["Tickets"],
  summary: "Download a file",
  request: { params: idParams },
  responses: {
    200: { description: "The file", content: fileContent },
    ...problems("invalid_request", "unauthenticated", "not_found", "unavailable"),
  },
});

const remove = route("upload.create", {
  method: "delete",
  path: "/api/attachments/{id}",
  tags: ["Tickets"],
  summary: "Delete a file from its ticket, which can be restored",
  request: { params: idParams },
  responses: {
    204: { description: "The file is deleted" },
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

const restore = route("upload.create", {
  method: "post",
  path: "/api/attachments/{id}/restore",
  tags: ["Tickets"],
  summary: "Restore a deleted file",
  request: { params: idParams },
  responses: {
    200: json(attachmentSchema, "The file, back on its ticket"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

/** The files of tickets. */
export function registerTicketAttachments(app: ApiApp): void {
  app.openapi(list, async (c) => {
    const items = await getAttachments(c.var.deps, c.var.scope, Number(c.req.valid("param").id));
    return c.json({ items }, 200);
  });
  app.openapi(add, async (c) => {
    const file = {
      bytes: new Uint8Array(await c.req.arrayBuffer()),
      name: c.req.valid("query").name,
      contentType: c.req.header("content-type") ?? "",
    };
    return c.json(await addAttachment(c.var.deps, c.var.scope, Number(c.req.valid("param").id), file), 201);
  });
  app.openapi(read, async (c) => {
    const { bytes, contentType, name } = await readAttachment(c.var.deps, c.var.scope, Number(c.req.valid("param").id));
    // A file of a stranger's making: it is saved, never opened as a page of ours. Only images are shown, by the type of their bytes.
    return c.body(bytes, 200, {
      "content-type": contentType,
      "content-disposition": savedAs(name),
      "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-cache",
    });
  });
  app.openapi(remove, async (c) => {
    await deleteAttachment(c.var.deps, c.var.scope, Number(c.req.valid("param").id));
    return c.body(null, 204);
  });
  app.openapi(restore, async (c) =>
    c.json(await restoreAttachment(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200),
  );
}

import * as z from "zod";
import {
  exportQuerySchema,
  importQuerySchema,
  importReportSchema,
  maxImportBytes,
  transferTicketSchema,
} from "../../contracts/ticket-transfer.ts";
import { savedAs } from "../../domain/text/file-name.ts";
import { limitBody } from "../middleware/body-limit.ts";
import { exportTickets } from "../services/board/transfer/export-tickets.ts";
import { importTickets } from "../services/board/transfer/import-tickets.ts";
import { idParams, json, problems, route, type ApiApp } from "./shared.ts";

/** Where files of tickets are sent; their bodies have a limit of their own. */
export const importPath = "/api/projects/:id/tickets/import";

/** The limit of a file of tickets. */
export const limitImport = limitBody(maxImportBytes, {
  detail: `A file of tickets may have at most ${maxImportBytes / 1_000_000} MB. Divide it.`,
  discardedBytes: maxImportBytes,
});

const csv = { schema: { type: "string" } as const };
const fileTypes = { csv: "text/csv; charset=utf-8; header=present", json: "application/json; charset=utf-8" } as const;

const exportFile = route("ticket.read", {
  method: "get",
  path: "/api/projects/{id}/tickets/export",
  tags: ["Tickets"],
  summary: "Export a project's tickets as CSV or JSON",
  description:
    "CSV by RFC 4180. A cell that a spreadsheet would take as a formula has a quote mark before it, which the import takes away.",
  request: { params: idParams, query: exportQuerySchema },
  responses: {
    200: {
      description: "The tickets in the order of the boards, as a file",
      content: { "application/json": { schema: z.array(transferTicketSchema) }, "text/csv": csv },
    },
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const importFile = route("ticket.create", {
  method: "post",
  path: "/api/projects/{id}/tickets/import",
  tags: ["Tickets"],
  summary: "Import tickets from CSV or JSON",
  description: [
    "The body is the file: at most 5 MB and 2,000 tickets, in UTF-8. A CSV names its columns in the first line, in any order; JSON is an array of objects. The columns are those of the export; a title is enough.",
    "Rows mean each other by `key`, or by a column `ref` or `id`. Either every row is written or, when a line is refused, none: `applied` says which.",
    "The same file sent again makes no second tickets: rows that made theirs before are `unchanged`.",
  ].join(" "),
  request: {
    params: idParams,
    query: importQuerySchema,
    body: {
      required: true,
      content: {
        "text/csv": csv,
        "application/json": { schema: { type: "array", items: { type: "object" } } as const },
      },
    },
  },
  responses: {
    200: json(importReportSchema, "The outcome of each line"),
    ...problems(
      ...(["invalid_request", "unauthenticated", "forbidden", "not_found", "conflict", "payload_too_large"] as const),
    ),
  },
});

/** An answer with a file; the type says so to the router, which knows no stream of JSON. */
function file(response: Response): never {
  return response as never;
}

/** A project's tickets out to a file and in from one. */
export function registerTicketTransfer(app: ApiApp): void {
  app.openapi(exportFile, async (c) => {
    const { bom, format } = c.req.valid("query");
    const projectId = Number(c.req.valid("param").id);
    const { body, name } = await exportTickets(c.var.deps, c.var.scope, projectId, { format, withBom: bom === "true" });
    const headers = {
      "content-type": fileTypes[format],
      "content-disposition": savedAs(name),
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-store",
    };
    return file(new Response(body, { headers }));
  });
  app.openapi(importFile, async (c) => {
    const { dryRun, format, update } = c.req.valid("query");
    const report = await importTickets(c.var.deps, c.var.scope, Number(c.req.valid("param").id), {
      bytes: new Uint8Array(await c.req.arrayBuffer()),
      format,
      isDryRun: dryRun === "true",
      mayUpdate: update === "true",
    });
    return c.json(report, 200);
  });
}

import * as z from "zod";
import { idSchema } from "./common.ts";
import { ticketPrioritySchema, ticketTypeSchema } from "./project.ts";
import { importStatuses, transferFormats } from "./ticket-transfer-names.ts";

export * from "./ticket-transfer-names.ts";

/** A ticket as an exported file holds it. Its fields, in this order, are the columns of the CSV. */
export const transferTicketSchema = z
  .object({
    key: z.string(),
    type: ticketTypeSchema,
    title: z.string(),
    /** Markdown, as are the acceptance criteria. */
    description: z.string(),
    acceptance_criteria: z.string(),
    /** The names of its board and column; where two have the same name, the id stands behind it. */
    board: z.string(),
    column: z.string(),
    priority: ticketPrioritySchema,
    labels: z.array(z.string()),
    /** The member's name; where two members have the same name, the id stands behind it. */
    assignee: z.string(),
    /** `owner/name`; empty where the reader does not see the repository. */
    repository: z.string(),
    /** The keys of its parent and of the tickets that must be done before it. Deleted ones are left out. */
    parent: z.string(),
    depends_on: z.array(z.string()),
    /** ISO 8601, in UTC. */
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: "TransferTicket" });
export type TransferTicket = z.infer<typeof transferTicketSchema>;

/** The columns of an exported file, in their order. */
export const transferColumns = Object.keys(transferTicketSchema.shape) as readonly (keyof TransferTicket)[];

/** Query of `GET /api/projects/{id}/tickets/export`. */
export const exportQuerySchema = z.object({
  format: z.enum(transferFormats),
  bom: z
    .enum(["true", "false"])
    .default("false")
    .describe("Whether a CSV begins with a byte order mark, by which some spreadsheets know that it is UTF-8"),
});

/** Query of `POST /api/projects/{id}/tickets/import`. */
export const importQuerySchema = z.object({
  format: z.enum(transferFormats),
  dryRun: z.enum(["true", "false"]).default("false").describe("Whether to report and write nothing"),
  update: z
    .enum(["true", "false"])
    .default("false")
    .describe("Whether a line with the key of a ticket of this project changes that ticket; else it is refused"),
});

/** Why a line is refused: the column of the file, `row` for the whole line, and one sentence's end. */
export const importReasonSchema = z.object({ field: z.string(), message: z.string() });
export type ImportReason = z.infer<typeof importReasonSchema>;

/** One line of an import's report. */
export const importLineSchema = z
  .object({
    /** Of a CSV the line of the file at which the row begins; of JSON the number of the entry, from 1. */
    line: z.int().min(1),
    status: z.enum(importStatuses),
    /** The ticket's key; null for one that is not made yet. */
    key: z.string().nullable(),
    ticketId: idSchema.nullable(),
    title: z.string(),
    /** The columns that change a ticket; empty but for `updated`. */
    fields: z.array(z.string()),
    /** Empty but for `refused`. */
    reasons: z.array(importReasonSchema),
  })
  .meta({ id: "ImportLine" });
export type ImportLine = z.infer<typeof importLineSchema>;

/** The result of an import, line by line. A refused line keeps all of them out. */
export const importReportSchema = z
  .object({
    /** Whether the tickets are written: false for a dry run, and when a line is refused. */
    applied: z.boolean(),
    counts: z.object({
      created: z.int().min(0),
      updated: z.int().min(0),
      unchanged: z.int().min(0),
      refused: z.int().min(0),
    }),
    /** Columns of the file that no ticket has, and that were left out. */
    ignoredColumns: z.array(z.string()),
    lines: z.array(importLineSchema),
  })
  .meta({ id: "ImportReport" });
export type ImportReport = z.infer<typeof importReportSchema>;

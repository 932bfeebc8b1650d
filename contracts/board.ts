import * as z from "zod";
import { actorSchema } from "./actor.ts";
import { idSchema, personSchema, timeMsSchema } from "./common.ts";
import {
  columnIdSchema,
  labelsSchema,
  projectSchema,
  ticketPrioritySchema,
  ticketSchema,
  ticketStageSchema,
  ticketTypeSchema,
} from "./project.ts";

const wipLimitSchema = z
  .int("must be a whole number")
  .min(1, "must be at least 1; null takes the limit away")
  .max(999, "may be at most 999")
  .nullable();
const nameSchema = z.string().trim().min(1, "must not be empty").max(60, "may have at most 60 characters");

/** A column of a board. More tickets than `wipLimit` are too many at once, which is shown and refuses nothing. */
export const boardColumnSchema = z
  .object({ id: columnIdSchema, name: z.string(), stage: ticketStageSchema, wipLimit: wipLimitSchema })
  .meta({ id: "BoardColumn" });
export type BoardColumn = z.infer<typeof boardColumnSchema>;

/** One of a project's boards: its columns from left to right. */
export const boardLayoutSchema = z
  .object({ id: idSchema, name: z.string(), columns: z.array(boardColumnSchema) })
  .meta({ id: "BoardLayout" });
export type BoardLayout = z.infer<typeof boardLayoutSchema>;

/**
 * A project with its boards and tickets at one change: `headSeq` is the number of the newest change that it holds. Each ticket is in one
 * column of one of the boards; those of a column come in its order.
 */
export const boardSchema = z
  .object({
    project: projectSchema,
    headSeq: z.int().min(0),
    boards: z.array(boardLayoutSchema),
    tickets: z.array(ticketSchema),
  })
  .meta({ id: "Board" });
export type Board = z.infer<typeof boardSchema>;

/** A ticket as a change carries it: a repository by its id alone, since not every member may know its name. */
export const boardTicketSchema = ticketSchema
  .omit({ repository: true, run: true })
  .extend({ repositoryId: idSchema.nullable() });
export type BoardTicket = z.infer<typeof boardTicketSchema>;

/** The newest run of a ticket, as a card shows it. */
export type TicketRun = NonNullable<z.infer<typeof ticketSchema>["run"]>;

const editedFields = boardTicketSchema.pick({
  type: true,
  title: true,
  description: true,
  acceptanceCriteria: true,
  priority: true,
  labels: true,
  assignee: true,
  repositoryId: true,
  parentId: true,
});

const change = <Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.object({
    seq: z.int().min(1),
    atMs: timeMsSchema,
    actor: actorSchema,
    type: z.literal(type),
    data: z.object(data),
  });

/** One committed change of a board. A board's changes are numbered densely from 1 in the order in which they were committed. */
export const boardChangeSchema = z
  .discriminatedUnion("type", [
    change("tickets.created", { tickets: z.array(boardTicketSchema) }),
    change("ticket.edited", { id: idSchema, version: z.int(), fields: editedFields.partial() }),
    change("tickets.moved", {
      column: columnIdSchema,
      moves: z.array(z.object({ id: idSchema, rank: z.string(), version: z.int() })),
    }),
    change("ticket.linked", { id: idSchema, dependsOn: z.array(idSchema) }),
    /** A comment was written, edited, deleted or restored: the comments themselves are read by whoever looks at them. */
    change("ticket.commented", { id: idSchema, commentCount: z.int().min(0) }),
    /** A file was attached, deleted or restored. */
    change("ticket.attached", { id: idSchema }),
    change("tickets.deleted", { ids: z.array(idSchema) }),
    /** A file was imported: tickets that it made, and tickets that it changed, as they are now. */
    change("tickets.imported", { tickets: z.array(boardTicketSchema) }),
    change("tickets.restored", { tickets: z.array(boardTicketSchema) }),
    /** All boards as they are now. Deleted tickets of a column that was removed are in another one since. */
    change("boards.changed", {
      boards: z.array(boardLayoutSchema),
      relocated: z.array(z.object({ from: columnIdSchema, to: columnIdSchema })),
    }),
    change("project.changed", {
      fields: projectSchema.pick({ key: true, name: true, description: true, archivedAtMs: true }).partial(),
    }),
  ])
  .meta({ id: "BoardChange" });
export type BoardChange = z.infer<typeof boardChangeSchema>;

/**
 * A frame of a board's socket. Changes come in order without a gap, from the one after `since`; where too many lie between, one
 * `reload` says so instead and the client reads the board anew. `live` ends the catch-up. `run` and `presence` have no number.
 */
export type BoardFrame =
  | { readonly t: "changes"; readonly changes: readonly BoardChange[] }
  | { readonly t: "reload"; readonly headSeq: number }
  | { readonly t: "live"; readonly headSeq: number }
  | { readonly t: "run"; readonly ticketId: string; readonly run: TicketRun }
  | { readonly t: "presence"; readonly people: readonly BoardPresence[] };

/** A person who has the board open, and the ticket that they look at. */
export const boardPresenceSchema = z.object({ person: personSchema, ticketId: idSchema.nullable() });
export type BoardPresence = z.infer<typeof boardPresenceSchema>;

/** The most tickets that one move takes along. */
export const maxMovedTickets = 500;

/**
 * Body of `POST /api/projects/{id}/moves`: puts the tickets into a column in this order, before the ticket `before`; at the end where it is
 * null or no longer there.
 */
export const moveTicketsSchema = z
  .strictObject({
    ticketIds: z
      .array(idSchema)
      .min(1, "Name at least one ticket.")
      .max(maxMovedTickets, `may name at most ${maxMovedTickets} tickets`)
      .refine((ids) => new Set(ids).size === ids.length, "names a ticket twice"),
    column: columnIdSchema,
    before: idSchema.nullable().default(null),
  })
  .meta({ id: "MoveTickets" });
export type MoveTickets = z.infer<typeof moveTicketsSchema>;

/** The result of a move, an edit or a deletion: the board is at `headSeq` after it. */
export const boardWrittenSchema = z.object({ headSeq: z.int() }).meta({ id: "BoardWritten" });
export type BoardWritten = z.infer<typeof boardWrittenSchema>;

/** The most boards of a project, and the most columns of a board. */
export const maxBoards = 20;
export const maxColumns = 30;

/** Body of `POST /api/projects/{id}/boards`: a board with a column for each stage. */
export const createBoardSchema = z.strictObject({ name: nameSchema }).meta({ id: "CreateBoard" });
export type CreateBoard = z.infer<typeof createBoardSchema>;

/** Body of `PATCH /api/projects/{id}/boards/{boardId}`. */
export const editBoardSchema = z.strictObject({ name: nameSchema }).meta({ id: "EditBoard" });
export type EditBoard = z.infer<typeof editBoardSchema>;

/** Body of `POST /api/projects/{id}/boards/{boardId}/columns`: the column comes after the column `after`; first where it is null. */
export const addColumnSchema = z
  .strictObject({
    name: nameSchema,
    stage: ticketStageSchema,
    wipLimit: wipLimitSchema.default(null),
    after: columnIdSchema.nullable(),
  })
  .meta({ id: "AddColumn" });
export type AddColumn = z.infer<typeof addColumnSchema>;

/** Body of `PATCH /api/projects/{id}/columns/{columnId}`: fields that change; `after` as for a new column, within its board. */
export const editColumnSchema = z
  .strictObject({
    name: nameSchema.optional(),
    wipLimit: wipLimitSchema.optional(),
    after: columnIdSchema.nullable().optional(),
  })
  .meta({ id: "EditColumn" });
export type EditColumn = z.infer<typeof editColumnSchema>;

/** The result of a write of boards: all of them as they are at `headSeq`. */
export const boardsWrittenSchema = z
  .object({ headSeq: z.int(), boards: z.array(boardLayoutSchema) })
  .meta({ id: "BoardsWritten" });
export type BoardsWritten = z.infer<typeof boardsWrittenSchema>;

/** Body of `PATCH /api/tickets/{id}`: the fields that change, and the version that the editor has seen. */
export const editTicketSchema = z
  .strictObject({
    version: z.int().min(1),
    type: ticketTypeSchema.optional(),
    title: z
      .string()
      .max(200, "may have at most 200 characters")
      .refine((text) => text.trim() !== "", "must not be empty")
      .optional(),
    description: z.string().max(50_000, "may have at most 50,000 characters").optional(),
    acceptanceCriteria: z.string().max(50_000, "may have at most 50,000 characters").optional(),
    priority: ticketPrioritySchema.optional(),
    labels: labelsSchema.optional(),
    assigneeId: idSchema.nullable().optional(),
    repositoryId: idSchema.nullable().optional(),
    parentId: idSchema.nullable().optional(),
  })
  .meta({ id: "EditTicket" });
export type EditTicket = z.infer<typeof editTicketSchema>;

import * as z from "zod";
import { ticketSchema } from "./project.ts";

/** A ticket that a search has found. */
export const foundTicketSchema = ticketSchema
  .pick({ id: true, projectId: true, key: true, type: true, title: true, column: true, updatedAtMs: true })
  .extend({
    /** The words around the first place in its description or acceptance criteria; null where they have none of the search. */
    excerpt: z.string().nullable(),
  })
  .meta({ id: "FoundTicket" });
export type FoundTicket = z.infer<typeof foundTicketSchema>;

const keyPattern = /^(?:([a-z]{2,6})-|#)?([1-9][0-9]{0,8})$/iu;

/** The key that a text may name: `LIME-42`, or `42` and `#42` in any project. Undefined for another text. */
export function keyOf(text: string): { readonly project: string | undefined; readonly number: number } | undefined {
  const [, project, number] = keyPattern.exec(text) ?? [];
  return number === undefined ? undefined : { project: project?.toUpperCase(), number: Number(number) };
}

/** Whether a text is long enough for a full-text search, which knows parts of words from three characters on. */
export function isSearchable(text: string): boolean {
  return Array.from(text).length >= 3;
}

export const ticketSearchSchema = z
  .string()
  .trim()
  .max(200, "may have at most 200 characters")
  .refine((text) => isSearchable(text) || keyOf(text) !== undefined, {
    message: "Search for at least 3 characters, or for a ticket's key such as LIME-42 or 42.",
  });

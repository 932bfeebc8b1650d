import * as z from "zod";
import { roles } from "./roles.ts";

/** An id on the wire: a positive integer as a string. */
export const idSchema = z.string().regex(/^[1-9][0-9]{0,15}$/, "must be a positive integer");

/** UTC milliseconds since the epoch. */
export const timeMsSchema = z.int().min(0);

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex");
export const commitSchema = z.string().regex(/^[0-9a-f]{40}$/, "must be a git commit id");

export { roles, type Role } from "./roles.ts";
export const roleSchema = z.enum(roles);

/** A person as shown beside what they did. */
export const personSchema = z.object({ id: idSchema, name: z.string(), avatarUrl: z.string().nullable() });
export type Person = z.infer<typeof personSchema>;

/** A page of a list: pass `nextCursor` as `cursor` for the next page; null at the end. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

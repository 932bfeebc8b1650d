import * as z from "zod";
import { boardViewKeys, maxViewQuery } from "./board-view-names.ts";
import { idSchema, personSchema, timeMsSchema } from "./common.ts";

const keys: readonly string[] = boardViewKeys;

/** The query of a board's address, without its question mark: each key is a known one and stands once. */
const querySchema = z
  .string()
  .max(maxViewQuery, "may have at most 2,000 characters")
  .superRefine((query, context) => {
    const seen = new Set<string>();
    for (const pair of query.split("&")) {
      const key = pair.split("=")[0] ?? "";
      if (pair === "") continue;
      const known = keys.includes(key);
      if (!known) context.addIssue(`has ${JSON.stringify(key.slice(0, 50))}, which no view keeps`);
      else if (seen.has(key)) context.addIssue(`has ${key} twice`);
      seen.add(key);
      if (!known) return;
    }
  });

const nameSchema = z.string().trim().min(1, "must not be empty").max(100, "may have at most 100 characters");

/** A way to look at a project's board that its owner saved; a shared one is there for every member of the tenant. */
export const boardViewSchema = z
  .object({
    id: idSchema,
    projectId: idSchema,
    name: z.string(),
    query: z.string(),
    isShared: z.boolean(),
    owner: personSchema,
    createdAtMs: timeMsSchema,
  })
  .meta({ id: "BoardView" });
export type BoardView = z.infer<typeof boardViewSchema>;

/** Body of `POST /api/projects/{id}/views`. */
export const createViewSchema = z
  .strictObject({ name: nameSchema, query: querySchema, isShared: z.boolean().default(false) })
  .meta({ id: "CreateBoardView" });
export type CreateView = z.infer<typeof createViewSchema>;

/** Body of `PATCH /api/views/{id}`: the fields that change. */
export const editViewSchema = z
  .strictObject({ name: nameSchema.optional(), query: querySchema.optional(), isShared: z.boolean().optional() })
  .meta({ id: "EditBoardView" });
export type EditView = z.infer<typeof editViewSchema>;

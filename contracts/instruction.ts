import * as z from "zod";
import { idSchema, timeMsSchema } from "./common.ts";

export const instructionScopeSchema = z.enum(["tenant", "project", "repository"]);

/** The instruction of a tenant, a project or a repository to its agents; empty when there is none. */
export const instructionSchema = z
  .object({
    scope: instructionScopeSchema,
    scopeId: idSchema.nullable(),
    text: z.string(),
    updatedAtMs: timeMsSchema.nullable(),
  })
  .meta({ id: "Instruction" });
export type Instruction = z.infer<typeof instructionSchema>;

export const putInstructionSchema = z.strictObject({ text: z.string().max(30_000) }).meta({ id: "PutInstruction" });

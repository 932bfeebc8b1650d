import * as z from "zod";
import { sha256Schema } from "./common.ts";

/** Tokens of one model call as its vendor counted them; null for figures that it did not report. */
export const usageSchema = z.object({
  inputTokens: z.int().nullable(),
  cacheReadTokens: z.int().nullable(),
  cacheWriteTokens: z.int().nullable(),
  outputTokens: z.int().nullable(),
});
export type Usage = z.infer<typeof usageSchema>;

/** The tokens and cost of one model call, and the SHA-256 of its request and answer as canonical JSON. */
export const countedCallSchema = z.object({
  usage: usageSchema,
  costMicros: z.int().nullable(),
  latencyMs: z.int(),
  requestHash: sha256Schema,
  answerHash: sha256Schema,
});

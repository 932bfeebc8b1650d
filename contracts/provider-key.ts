import * as z from "zod";
import { personSchema, timeMsSchema } from "./common.ts";

export const llmProviders = ["anthropic", "openai"] as const;
export const llmProviderSchema = z.enum(llmProviders);

/** A tenant's own key of a model provider. The key itself is never given out again. */
export const providerKeySchema = z
  .object({
    provider: llmProviderSchema,
    /** The key's last four characters, to tell one from another. */
    lastFour: z.string(),
    setBy: personSchema,
    setAtMs: timeMsSchema,
  })
  .meta({ id: "ProviderKey" });
export type ProviderKey = z.infer<typeof providerKeySchema>;

export const putProviderKeySchema = z
  .strictObject({
    key: z
      .string()
      .trim()
      .min(20, "A key has at least 20 characters.")
      .max(500, "A key has at most 500 characters.")
      .regex(/^[\x21-\x7e]+$/u, "A key has no spaces and no letters outside of ASCII."),
  })
  .meta({ id: "PutProviderKey" });

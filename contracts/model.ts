import * as z from "zod";

const idText = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,99}$/,
    "must be a model id as its vendor writes it: letters, digits and . _ : / @ -",
  );
const nameText = z.string().trim().min(1, "must not be empty").max(100, "may have at most 100 characters");
const providerSchema = z.enum(["anthropic", "openai"]);

const ratesShape = {
  /** US dollars per million tokens. */
  input: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
  output: z.number(),
};

/** A vendor's price of a call of the standard kind; `long`: the price of the whole call when its prompt is longer. */
export const modelPriceSchema = z.object({
  ...ratesShape,
  long: z.object({ ...ratesShape, overTokens: z.int() }).nullable(),
  /** The day on which the list of prices was last compared with the vendors', as `2026-11-10`. */
  asOf: z.string(),
});
export type ModelPrice = z.infer<typeof modelPriceSchema>;

/** A model of a tenant's list. `available` is false, with `reason`, when no run can be started with it now. */
export const modelSchema = z
  .object({
    id: z.string(),
    provider: providerSchema,
    name: z.string(),
    agent: z.enum(["Claude", "Codex"]),
    available: z.boolean(),
    reason: z.string().nullable(),
    isDefault: z.boolean(),
    /** False when an admin has switched it off. */
    enabled: z.boolean(),
    /** `list`: comes with the product. `own`: an admin added it. */
    origin: z.enum(["list", "own"]),
    /** Null: not known. Its cost is shown as unknown then, and no budget can be kept with it. */
    price: modelPriceSchema.nullable(),
    contextTokens: z.int().nullable(),
    /** When its vendor switches it off, and what takes its place; null when nothing was announced. */
    retirement: z.object({ on: z.string(), isPast: z.boolean(), successor: z.string() }).nullable(),
  })
  .meta({ id: "Model" });
export type Model = z.infer<typeof modelSchema>;

/** Body of `POST /api/models`: a model that the product's list does not have. */
export const addModelSchema = z
  .strictObject({ id: idText, provider: providerSchema, name: nameText })
  .meta({ id: "AddModel" });
export type AddModel = z.infer<typeof addModelSchema>;

/** Body of `PUT /api/models/{id}`. Absent fields stay as they are; the default changes when another model is made the default. */
export const changeModelSchema = z
  .strictObject({ enabled: z.boolean().optional(), isDefault: z.literal(true).optional(), name: nameText.optional() })
  .refine((body) => Object.keys(body).length > 0, "say what to change: enabled, isDefault or name")
  .meta({ id: "ChangeModel" });
export type ChangeModel = z.infer<typeof changeModelSchema>;

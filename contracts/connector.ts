import * as z from "zod";
import { idSchema, timeMsSchema } from "./common.ts";

/** A tenant's link to one installation at a forge. */
export const connectorSchema = z
  .object({
    id: idSchema,
    kind: z.enum(["github"]),
    installationId: z.string(),
    accountLogin: z.string(),
    repositoryCount: z.int().min(0),
    createdAtMs: timeMsSchema,
  })
  .meta({ id: "Connector" });
export type Connector = z.infer<typeof connectorSchema>;

/** Body of `POST /api/connectors`: an installation that the signed-in person can see at the forge. */
export const connectSchema = z
  .strictObject({ installationId: z.string().regex(/^[1-9][0-9]{0,15}$/, "must be the number of an installation") })
  .meta({ id: "Connect" });
export type Connect = z.infer<typeof connectSchema>;

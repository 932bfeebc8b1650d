import * as z from "zod";
import { idSchema, timeMsSchema } from "./common.ts";

/**
 * The repositories of an installation that one person sees. `member`: as the forge answered; `outside`: the person can't see the installation
 * at the forge, so its public repositories alone; `unknown`: the forge has given no answer that still counts, so the public ones alone.
 */
export const connectorVisibilitySchema = z
  .object({
    state: z.enum(["member", "outside", "unknown"]),
    seenCount: z.int().min(0),
    /** When the forge answered last; null while it never did. */
    answeredAtMs: timeMsSchema.nullable(),
    /** A sentence for the person when the last question got no answer, with what to do; null when it did. */
    problem: z.string().nullable(),
  })
  .meta({ id: "ConnectorVisibility" });

/** A tenant's link to one installation at a forge. */
export const connectorSchema = z
  .object({
    id: idSchema,
    kind: z.enum(["github"]),
    installationId: z.string(),
    accountLogin: z.string(),
    /** The installation's repositories as of the last sync. */
    repositoryCount: z.int().min(0),
    createdAtMs: timeMsSchema,
    /** The part of them that the asking person sees at the forge, and as of when; null for an actor that is no person. */
    visibility: connectorVisibilitySchema.nullable(),
  })
  .meta({ id: "Connector" });
export type Connector = z.infer<typeof connectorSchema>;

/** Body of `POST /api/connectors`: an installation that the signed-in person can see at the forge. */
export const connectSchema = z
  .strictObject({ installationId: z.string().regex(/^[1-9][0-9]{0,15}$/, "must be the number of an installation") })
  .meta({ id: "Connect" });
export type Connect = z.infer<typeof connectSchema>;

import * as z from "zod";
import { personActorSchema } from "./actor.ts";
import { commitSchema, idSchema, roleSchema, sha256Schema } from "./common.ts";
import { reviewDocumentSchema } from "./review.ts";

/** The person who asked for something, with role and session. */
export const asked = { by: personActorSchema, role: roleSchema, sessionId: idSchema };

/** Today's payloads of the events of a proposal that is no patch set. */
export const proposalPayloads = {
  /** `baseCommit` is the commit that the proposal speaks of: a plan's base, the reviewed head of a pull request. */
  "proposal.made": z.object({
    kind: z.enum(["plan", "review"]),
    hash: sha256Schema,
    baseCommit: commitSchema,
    /** A review as it would be posted. */
    review: reviewDocumentSchema.nullable(),
  }),
  /** A person changed the plan that waited: the artifact and the proposal of the same commit are theirs. */
  "plan.revised": z.object({
    /** The plan that it was made from. */
    baseHash: sha256Schema,
    hash: sha256Schema,
    /** The version of the plan's artifact. */
    version: z.int(),
    ...asked,
  }),
  "tickets.created": z.object({
    hash: sha256Schema,
    tickets: z.array(z.object({ id: idSchema, key: z.string(), title: z.string() })),
  }),
} as const;

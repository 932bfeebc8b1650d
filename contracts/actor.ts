import * as z from "zod";
import { idSchema, personSchema } from "./common.ts";

/** A person who acts through a session. Only a person approves. */
export const personActorSchema = personSchema.extend({ kind: z.literal("person") });
export type PersonActor = z.infer<typeof personActorSchema>;

/** An API key that acts with the rights of its scopes, for the person who owns it. */
export const apiKeyActorSchema = z.object({
  kind: z.literal("api_key"),
  id: idSchema,
  name: z.string(),
  ownerId: idSchema,
});

/** A project's rule that acts when something happens outside, such as a labelled issue. */
export const ruleActorSchema = z.object({ kind: z.literal("rule"), id: idSchema, name: z.string() });

/** A run that acts for itself, such as one that starts a sub-run or chooses its repositories. */
export const runActorSchema = z.object({ kind: z.literal("run"), id: idSchema, name: z.string() });

/** The product itself: sweeps, budgets, retries. `name` says which part. */
export const systemActorSchema = z.object({ kind: z.literal("system"), name: z.string() });

/** The one that acts. Every command, event and audit entry names one. */
export const actorSchema = z
  .discriminatedUnion("kind", [
    personActorSchema,
    apiKeyActorSchema,
    ruleActorSchema,
    runActorSchema,
    systemActorSchema,
  ])
  .meta({ id: "Actor" });
export type Actor = z.infer<typeof actorSchema>;
export const actorKinds = ["person", "api_key", "rule", "run", "system"] as const satisfies readonly Actor["kind"][];

/** An actor's name for ever, such as `person:7` or `system:sweep`: what ledgers, audit entries and idempotency keys store. */
export function actorKey(actor: Actor): string {
  return actor.kind === "system" ? `system:${actor.name}` : `${actor.kind}:${actor.id}`;
}

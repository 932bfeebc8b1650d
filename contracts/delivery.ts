import * as z from "zod";
import { idSchema } from "./common.ts";
import { deliverySchema } from "./run.ts";

const repositoryDeliverySchema = z.strictObject({
  repositoryId: idSchema,
  /** Repositories of the project that are written before this one, beside the dependencies of its packages. */
  dependsOn: z.array(idSchema).max(50, "may name at most 50 repositories"),
  /** Shell command that runs its tests; null: the project's, or the one that is detected. */
  testCommand: z.string().min(1).max(1000, "may have at most 1,000 characters").nullable(),
});

/** A project's delivery of runs over several repositories: `GET` and `PUT /api/projects/{id}/delivery`. */
export const projectDeliverySchema = z
  .strictObject({
    delivery: deliverySchema,
    /** The repositories that a change names; those that it doesn't name stay as they are. */
    repositories: z.array(repositoryDeliverySchema).max(50, "may name at most 50 repositories"),
  })
  .meta({ id: "ProjectDelivery" });
export type ProjectDelivery = z.infer<typeof projectDeliverySchema>;

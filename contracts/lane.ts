import * as z from "zod";
import { commitSchema, idSchema } from "./common.ts";
import { pullRequestSchema } from "./pull-request.ts";

/** The most repositories that one run works on. */
export const maxRunRepositories = 8;

/** A repository as a run was given it. */
export const laneSourceSchema = z.object({
  id: idSchema,
  owner: z.string(),
  name: z.string(),
  baseBranch: z.string(),
  /** Its folder under the workspace's root; empty where it is the root itself, in a run over one repository. */
  folder: z.string(),
  /** The project's own setting: ids of repositories that are written before this one. */
  dependsOn: z.array(idSchema),
});
export type LaneSource = z.infer<typeof laneSourceSchema>;

/** Another lane of the run whose pull request is linked to. */
export const companionSchema = z.object({
  repositoryId: idSchema,
  owner: z.string(),
  name: z.string(),
  /** `before`: it has to be merged first; `after`: it waits for this one; `beside`: no order between them. */
  merge: z.enum(["before", "after", "beside"]),
});
export type Companion = z.infer<typeof companionSchema>;

/** One package in the version-bump matrix, with the packages of other lanes that consume it. */
export const packageBumpSchema = z.object({
  repositoryId: idSchema,
  path: z.string(),
  name: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  bump: z.enum(["none", "patch", "minor", "major", "lower", "invalid"]),
  needed: z.enum(["none", "patch", "minor", "major"]),
  why: z.string(),
  consumers: z.array(
    z.object({
      repositoryId: idSchema,
      path: z.string(),
      range: z.string(),
      rangeBefore: z.string().nullable(),
      satisfied: z.boolean(),
      /** False where the ecosystem's ranges can't be compared here. */
      isKnown: z.boolean(),
    }),
  ),
});
export type PackageBump = z.infer<typeof packageBumpSchema>;

/** Repositories of a run by id, each once. */
const runRepositoryIds = z
  .array(idSchema)
  .min(1, "Name at least one repository.")
  .max(maxRunRepositories, `A run works on at most ${maxRunRepositories} repositories.`)
  .refine((ids) => new Set(ids).size === ids.length, "A repository is named twice.");

/** Body of `PUT /api/runs/{id}/repositories`: the repositories that the run works on from now on, of those that it was given. */
export const chooseRepositoriesSchema = z
  .strictObject({
    repositoryIds: runRepositoryIds,
    reason: z.string().max(1000, "may have at most 1,000 characters").default(""),
  })
  .meta({ id: "ChooseRepositories" });

/** Body of `PUT /api/runs/{id}/repository-order`: every repository of the run, in the order of their pull requests. */
export const orderRepositoriesSchema = z
  .strictObject({ repositoryIds: runRepositoryIds })
  .meta({ id: "OrderRepositories" });

/** A lane as lists and headers show it. */
export const runLaneSchema = z
  .object({
    repositoryId: idSchema,
    owner: z.string(),
    name: z.string(),
    folder: z.string(),
    baseBranch: z.string(),
    baseCommit: commitSchema.nullable(),
    /** False once a person or triage has left the repository out. */
    isChosen: z.boolean(),
    /** Where the lane stands, in the order in which lanes are written. */
    status: z.enum([
      "no_changes",
      "working",
      "blocked",
      "waiting",
      "approved",
      "rejected",
      "written",
      "open",
      "ci_failed",
      "ci_passed",
      "merged",
      "closed",
    ]),
    pullRequest: pullRequestSchema.nullable(),
  })
  .meta({ id: "RunLane" });
export type RunLane = z.infer<typeof runLaneSchema>;

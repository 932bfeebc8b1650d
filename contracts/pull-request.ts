import * as z from "zod";
import { commitSchema } from "./common.ts";

/** A pull request of a run. */
export const pullRequestSchema = z.object({
  number: z.int(),
  url: z.string(),
  branch: z.string(),
  commit: commitSchema,
  state: z.enum(["open", "closed", "merged"]),
});
export type PullRequest = z.infer<typeof pullRequestSchema>;

/** The whole text of a patch set's pull request, as it would be written now. */
export const pullRequestTextSchema = z.object({ title: z.string(), body: z.string() }).meta({ id: "PullRequestText" });
export type PullRequestText = z.infer<typeof pullRequestTextSchema>;

/** Body of `POST /api/runs/{id}/pull-requests/{repositoryId}/close`. */
export const closePullRequestSchema = z
  .strictObject({
    /** Whether the branch goes too. It stays where somebody else pushed to it. */
    deletesBranch: z.boolean().default(false),
  })
  .meta({ id: "ClosePullRequest" });

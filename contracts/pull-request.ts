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

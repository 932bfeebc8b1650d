import type { ApiRoutes } from "./calls.ts";
import { addActionRoutes } from "./actions.ts";
import { addAppRoutes } from "./app.ts";
import { addArchiveRoutes } from "./archive.ts";
import { addCheckRoutes } from "./checks.ts";
import { addCommitRoutes } from "./commits.ts";
import { addContentRoutes } from "./contents.ts";
import { addGitObjectRoutes } from "./git-objects.ts";
import { addHookRoutes } from "./hooks.ts";
import { addIssueRoutes } from "./issues.ts";
import { addMergeRoutes } from "./merge.ts";
import { addPullRoutes } from "./pulls.ts";
import { addRefRoutes } from "./refs.ts";
import { addRepositoryRoutes } from "./repositories.ts";
import { addReviewRoutes } from "./reviews.ts";
import { addUserRoutes } from "./user.ts";

/** Adds every resource of the REST API; checks come before commits, whose pattern takes all that follows. */
export function addRoutes(routes: ApiRoutes): void {
  addAppRoutes(routes);
  addUserRoutes(routes);
  addRepositoryRoutes(routes);
  addRefRoutes(routes);
  addGitObjectRoutes(routes);
  addContentRoutes(routes);
  addCheckRoutes(routes);
  addCommitRoutes(routes);
  addArchiveRoutes(routes);
  addPullRoutes(routes);
  addMergeRoutes(routes);
  addReviewRoutes(routes);
  addIssueRoutes(routes);
  addActionRoutes(routes);
  addHookRoutes(routes);
}

import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import { laneOf } from "../../../../domain/run/lanes.ts";
import { followsPulls, newsAfterEnd } from "../../../../domain/run/watch.ts";
import type { EngineDeps } from "./deps.ts";
import type { RunJournal } from "./journal.ts";
import { repositoryOf } from "./run-spec.ts";

/**
 * Brings a run that has ended up to what the forge says of its pull requests now, and records what is new. The run stays as it ended: its
 * events only tell lists and open pages. Throws PortError.
 */
export async function followPulls(
  { forge }: Pick<EngineDeps, "forge">,
  journal: Pick<RunJournal, "spec" | "view" | "commit">,
): Promise<void> {
  const view = journal.view();
  if (!followsPulls(view)) return;
  for (const { id, pullRequest } of view.lanes) {
    if (pullRequest === undefined || pullRequest.state === "merged") continue;
    const now = await forge.watchPullRequest(repositoryOf(journal.spec, id), pullRequest.number);
    // Another look may have recorded the same while the forge was asked.
    const news = newsAfterEnd(laneOf(journal.view(), id), now);
    const events: readonly NewRunEvent[] = news === null ? [] : [{ type: "pull_request.updated", data: news }];
    if (events.length > 0) journal.commit({ events });
  }
}

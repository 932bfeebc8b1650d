import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { LaneView } from "../../../../../domain/run/lane-view.ts";
import { deliveredLanes } from "../../../../../domain/run/lanes.ts";
import type { RunView } from "../../../../../domain/run/view.ts";
import { pullNews, watchesForeignCommit, watchResult, watchText } from "../../../../../domain/run/watch.ts";
import type { StepContext } from "../deps.ts";
import { repositoryOf } from "../run-spec.ts";

/** The events that bring a lane up to what the forge says of its pull request. */
export async function readPull({ deps, journal }: StepContext, lane: LaneView): Promise<readonly NewRunEvent[]> {
  // The pull request of a merged lane stays merged.
  if (lane.pullRequest === undefined || lane.pullRequest.state === "merged") return [];
  const now = await deps.forge.watchPullRequest(repositoryOf(journal.spec, lane.id), lane.pullRequest.number);
  const news = pullNews(lane, now);
  return news === null ? [] : [{ type: "pull_request.updated", data: news }];
}

/** The words to a person about pull requests that need one; undefined when none does. */
export function pullsText(view: RunView): string | undefined {
  const texts = deliveredLanes(view).flatMap((lane) => {
    const result = watchResult(lane);
    return result === "open" || result === "merged" ? [] : [watchText(lane)];
  });
  return texts.length === 0 ? undefined : texts.join(" ");
}

/** The words about commits whose CI failed and that the run did not write: those are not sent back to its agent. */
export function foreignRedText(red: readonly LaneView[]): string | undefined {
  const foreign = red.filter(watchesForeignCommit);
  if (foreign.length === 0) return undefined;
  const named = foreign.map(
    ({ head, name, owner, pullRequest }) =>
      `${head?.commit.slice(0, 10) ?? ""} on pull request #${pullRequest?.number ?? "?"} of ${owner}/${name}`,
  );
  return `CI failed on a commit that this run did not write, so it was not sent back to the agent: ${named.join(", ")}. The pull request stays open. Push a repair at the forge, then resume; or cancel the run.`;
}

/** How the pull requests ended, where that is not simply with green checks; null when it is. */
export function watchEndText(view: RunView): string | null {
  const named = ({ name, owner, pullRequest }: LaneView): string =>
    `pull request #${pullRequest?.number ?? "?"} of ${owner}/${name}`;
  const lanes = deliveredLanes(view);
  const merged = lanes.filter(
    ({ gates, pullRequest }) => pullRequest?.state === "merged" && gates.G5?.status !== "pass",
  );
  const foreign = lanes.filter((lane) => lane.pullRequest?.state === "open" && watchesForeignCommit(lane));
  const texts = [
    ...merged.map((lane) => `${named(lane)} was merged before its checks had passed`),
    ...foreign.map(
      (lane) => `the head of ${named(lane)} is a commit that this run did not write, and its checks ended well`,
    ),
  ];
  return texts.length === 0 ? null : `Done; ${texts.join("; ")}.`;
}

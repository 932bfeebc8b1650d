import { gitDirectory, type ForgeCore } from "../core.ts";
import type { Pull } from "../store/pulls.ts";
import { countCommits } from "./commits.ts";
import { diffTotals, emptyTree } from "./diff.ts";
import { mergeTrees } from "./merge.ts";
import { mergeBase } from "./refs.ts";

/** The present state of a pull request, computed by git. */
export interface PullState {
  /** The commit at which head left base: the start of the three-dot diff. */
  readonly mergeBase: string;
  readonly commits: number;
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
  /** Null when it is closed. */
  readonly mergeable: boolean | null;
}

/** The commit that a pull request's diff starts from; git's empty tree when head and base have nothing in common. */
export async function pullDiffBase(core: ForgeCore, pull: Pull): Promise<string> {
  const directory = gitDirectory(core, { id: pull.issue.repositoryId });
  return (await mergeBase(core.git, directory, pull.baseSha, pull.headSha)) ?? emptyTree;
}

/** Reads a pull request's figures out of git. */
export async function pullState(core: ForgeCore, pull: Pull): Promise<PullState> {
  const directory = gitDirectory(core, { id: pull.issue.repositoryId });
  const base = await pullDiffBase(core, pull);
  const [commits, totals, merged] = await Promise.all([
    countCommits(core.git, directory, pull.baseSha, pull.headSha),
    diffTotals(core.git, directory, base, pull.headSha),
    pull.issue.state === "open"
      ? mergeTrees(core.git, directory, pull.baseSha, pull.headSha)
      : Promise.resolve(undefined),
  ]);
  return {
    mergeBase: base,
    commits,
    additions: totals.additions,
    deletions: totals.deletions,
    changedFiles: totals.files,
    mergeable: pull.issue.state === "open" ? merged !== undefined : null,
  };
}

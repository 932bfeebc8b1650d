import { gitDirectory } from "../core.ts";
import type { ForgeContext } from "../context.ts";
import { measureTree } from "../git/languages.ts";
import { isAncestor, listRefs, noObject, updateRef, type RefChange } from "../git/refs.ts";
import type { Account } from "../store/accounts.ts";
import type { Pull } from "../store/pulls.ts";
import type { Repository } from "../store/repositories.ts";
import { emitPull, emitPush } from "./emit.ts";

/** The branch's name of a full ref; undefined for anything else. */
export function branchOf(ref: string): string | undefined {
  return ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : undefined;
}

/** Counts a repository's languages and bytes again, at its default branch. */
export async function remeasure(
  context: Pick<ForgeContext, "store" | "git" | "dataDir">,
  repository: Repository,
  commit: string,
): Promise<void> {
  const { languages, sizeBytes } = await measureTree(context.git, gitDirectory(context, repository), commit);
  context.store.repositories.setLanguages(repository.id, languages, sizeBytes);
}

/**
 * Everything that follows from refs that were moved, in GitHub's order: the push event, the pull requests of the branch,
 * the workflow runs. Call it under the repository's lock, after the refs have moved.
 */
export async function refsChanged(
  context: ForgeContext,
  repository: Repository,
  changes: readonly RefChange[],
  sender: Account,
): Promise<void> {
  const emitter = { core: context, deliveries: context.deliveries };
  for (const change of changes) {
    const branch = branchOf(change.ref);
    context.store.repositories.setPushed(repository.id, context.now());
    await emitPush(emitter, context.store.repositories.byId(repository.id), change, sender);
    if (branch === undefined) continue;
    if (change.after !== noObject && branch === repository.defaultBranch)
      await remeasure(context, repository, change.after);
    await movePulls(context, repository, change, branch, sender);
    if (change.after !== noObject)
      await context.ci.branchMoved(context.store.repositories.byId(repository.id), change, branch, sender);
  }
}

async function movePulls(
  context: ForgeContext,
  repository: Repository,
  change: RefChange,
  branch: string,
  sender: Account,
): Promise<void> {
  const { store, now } = context;
  const emitter = { core: context, deliveries: context.deliveries };
  for (const pull of store.pulls.list(repository.id, "open")) {
    if (pull.headRef === branch && change.after === noObject) {
      store.issues.update(pull.issue.id, { state: "closed" }, now());
      await emitPull(emitter, repository, store.pulls.byId(pull.issue.id), sender, "closed");
    } else if (pull.headRef === branch) {
      store.pulls.setCommits(pull.issue.id, change.after, pull.baseSha);
      store.issues.touch(pull.issue.id, now());
      await keepPullHead(context, repository, pull, change.after);
      await emitPull(emitter, repository, store.pulls.byId(pull.issue.id), sender, {
        before: change.before,
        after: change.after,
      });
    } else if (pull.baseRef === branch && change.after !== noObject) {
      await moveBase(context, repository, pull, change.after, sender);
    }
  }
}

/** A base that now holds the head has merged it, however it got there. */
async function moveBase(
  context: ForgeContext,
  repository: Repository,
  pull: Pull,
  baseSha: string,
  sender: Account,
): Promise<void> {
  const { store, now } = context;
  if (await isAncestor(context.git, gitDirectory(context, repository), pull.headSha, baseSha)) {
    store.transaction(() => {
      store.pulls.setMerged(pull.issue.id, baseSha, sender.id, now());
      store.issues.update(pull.issue.id, { state: "closed" }, now());
    });
    await emitPull(
      { core: context, deliveries: context.deliveries },
      repository,
      store.pulls.byId(pull.issue.id),
      sender,
      "closed",
    );
  } else {
    store.pulls.setCommits(pull.issue.id, pull.headSha, baseSha);
  }
}

/** Points `refs/pull/<number>/head` at a pull request's head, so that its commits outlive the branch. */
export async function keepPullHead(
  context: ForgeContext,
  repository: Repository,
  pull: Pull,
  headSha: string,
): Promise<void> {
  const directory = gitDirectory(context, repository);
  const ref = `refs/pull/${pull.issue.number}/head`;
  const before = (await listRefs(context.git, directory, ref)).find((entry) => entry.ref === ref)?.sha ?? noObject;
  await updateRef(context.git, directory, { ref, before, after: headSha });
}

import { accountOf } from "../auth/actor.ts";
import { noreplyAddress } from "../core.ts";
import { emitPull } from "../events/emit.ts";
import { refsChanged } from "../events/ref-changes.ts";
import { writeCommit, type Signature } from "../git/commits.ts";
import { signed } from "../git/signatures.ts";
import { mergeTrees } from "../git/merge.ts";
import { readRef, updateRef } from "../git/refs.ts";
import { empty, json, type Answer } from "../http/answer.ts";
import { fieldsOf, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { ApiError, notFound } from "../http/errors.ts";
import type { Schemas } from "../types.ts";
import { pullOf } from "./pulls.ts";

async function merge(call: RepositoryCall): Promise<Answer> {
  const { context, directory, repository } = call;
  const fields = fieldsOf(call);
  const method = fields.text("merge_method") ?? "merge";
  if (method !== "merge" && method !== "squash")
    throw new ApiError(
      405,
      `${method === "rebase" ? "Rebase merges are" : "This merge method is"} not allowed on this repository.`,
    );
  return context.locks.hold(repository.id, async () => {
    const pull = pullOf(call);
    const base = await readRef(context.git, directory, `refs/heads/${pull.baseRef}`);
    if (pull.issue.state === "closed" || pull.isDraft || base === undefined)
      throw new ApiError(405, "Pull Request is not mergeable");
    const wanted = fields.text("sha");
    if (wanted !== undefined && wanted !== pull.headSha)
      throw new ApiError(409, "Head branch was modified. Review and try the merge again.");
    const tree = await mergeTrees(context.git, directory, base.sha, pull.headSha);
    if (tree === undefined) throw new ApiError(405, "Pull Request is not mergeable");
    const account = accountOf(context, call.actor);
    const who: Signature = {
      name: account.name ?? account.login,
      email: account.email ?? noreplyAddress(context, account),
      seconds: Math.floor(context.now() / 1000),
      offsetMinutes: 0,
    };
    const standard =
      method === "squash"
        ? `${pull.issue.title} (#${pull.issue.number})`
        : `Merge pull request #${pull.issue.number} from ${repository.owner}/${pull.headRef}`;
    const text = fields.text("commit_message") ?? (method === "merge" ? pull.issue.title : (pull.issue.body ?? ""));
    const message = `${fields.text("commit_title") ?? standard}${text === "" ? "" : `\n\n${text}`}`;
    const parents = method === "squash" ? [base.sha] : [base.sha, pull.headSha];
    // The forge makes this commit itself, and signs it whoever asked for it.
    const commit = signed(context.app.signingKey, { tree, parents, author: who, committer: who, message });
    const sha = await writeCommit(context.git, directory, commit);
    const change = { ref: base.ref, before: base.sha, after: sha };
    if (!(await updateRef(context.git, directory, change)))
      throw new ApiError(409, "Base branch was modified. Review and try the merge again.");
    context.store.transaction(() => {
      context.store.pulls.setMerged(pull.issue.id, sha, account.id, context.now());
      context.store.issues.update(pull.issue.id, { state: "closed" }, context.now());
    });
    const merged = context.store.pulls.byId(pull.issue.id);
    await emitPull({ core: context, deliveries: context.deliveries }, repository, merged, account, "closed");
    await refsChanged(context, repository, [change], account);
    return json<Schemas["pull-request-merge-result"]>(200, {
      sha,
      merged: true,
      message: "Pull Request successfully merged",
    });
  });
}

/** Merging. https://docs.github.com/rest/pulls/pulls#merge-a-pull-request */
export function addMergeRoutes(routes: ApiRoutes): void {
  routes.repository("PUT", "/pulls/:number/merge", [["contents", "write"]], merge);
  routes.repository("GET", "/pulls/:number/merge", [["pull_requests", "read"]], (call) => {
    if (pullOf(call).mergedAtMs === null) throw notFound();
    return empty(204);
  });
}

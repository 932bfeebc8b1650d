import { commitAnswer, diffEntry } from "../answers/commits.ts";
import { pullAnswer, simplePull } from "../answers/pulls.ts";
import { accountOf } from "../auth/actor.ts";
import { emitPull } from "../events/emit.ts";
import { keepPullHead } from "../events/ref-changes.ts";
import { countCommits, listCommits, readCommits } from "../git/commits.ts";
import { diffFiles, diffText } from "../git/diff.ts";
import { pullDiffBase, pullState } from "../git/pull-state.ts";
import { readRef } from "../git/refs.ts";
import { bytes, json, type Answer } from "../http/answer.ts";
import { accepts, fieldsOf, pageOf, query, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { notFound, validationFailed } from "../http/errors.ts";
import type { Pull } from "../store/pulls.ts";
import type { Schemas } from "../types.ts";
import { bodyOf, issueChange } from "./issues.ts";

/** GitHub lists at most this many files of a pull request. */
const maxFiles = 3_000;
const maxCommits = 250;

/** The pull request that the path names. Throws ApiError 404. */
export function pullOf(call: RepositoryCall): Pull {
  const found = call.context.store.pulls.byNumber(call.repository.id, call.parameters.number("number"));
  if (found === undefined) throw notFound();
  return found;
}

/** The full answer about a pull request. */
export async function fullPull(call: RepositoryCall, pull: Pull): Promise<Schemas["pull-request"]> {
  return pullAnswer(call.context, call.repository, pull, await pullState(call.context, pull));
}

function invalid(message: string): Error {
  return validationFailed("PullRequest", [{ code: "custom", message }]);
}

/** A branch of this repository, given as `branch` or `owner:branch`. Throws ApiError 422 naming the field. */
async function branchHead(
  call: RepositoryCall,
  field: "head" | "base",
  value: string,
): Promise<{ ref: string; sha: string }> {
  const own = `${call.repository.owner}:`;
  const ref = value.toLowerCase().startsWith(own.toLowerCase()) ? value.slice(own.length) : value;
  const found = await readRef(call.context.git, call.directory, `refs/heads/${ref}`);
  if (found === undefined) throw validationFailed("PullRequest", [{ field, code: "invalid" }]);
  return { ref, sha: found.sha };
}

async function createPull(call: RepositoryCall): Promise<Answer> {
  const { context, repository } = call;
  const fields = fieldsOf(call);
  const headName = fields.requiredText("head");
  const baseName = fields.requiredText("base");
  const title = (fields.text("title") ?? "").trim();
  if (title === "") throw validationFailed("PullRequest", [{ field: "title", code: "missing_field" }]);
  const body = bodyOf(fields, "PullRequest");
  return context.locks.hold(repository.id, async () => {
    const head = await branchHead(call, "head", headName);
    const base = await branchHead(call, "base", baseName);
    if (head.ref === base.ref) throw invalid(`No commits between ${base.ref} and ${head.ref}`);
    const open = context.store.pulls.list(repository.id, "open");
    if (open.some((pull) => pull.headRef === head.ref && pull.baseRef === base.ref)) {
      throw invalid(`A pull request already exists for ${repository.owner}:${head.ref}.`);
    }
    if ((await countCommits(context.git, call.directory, base.sha, head.sha)) === 0) {
      throw invalid(`No commits between ${base.ref} and ${head.ref}`);
    }
    const account = accountOf(context, call.actor);
    const pull = context.store.transaction(() => {
      const issue = context.store.issues.insert({
        repositoryId: repository.id,
        number: context.store.repositories.nextNumber(repository.id),
        isPull: true,
        title,
        body,
        accountId: account.id,
        nowMs: context.now(),
      });
      const isDraft = fields.flag("draft") ?? false;
      return context.store.pulls.insert(issue.id, {
        headRef: head.ref,
        baseRef: base.ref,
        headSha: head.sha,
        baseSha: base.sha,
        isDraft,
      });
    });
    await keepPullHead(context, repository, pull, head.sha);
    await emitPull({ core: context, deliveries: context.deliveries }, repository, pull, account, "opened");
    const answer = await fullPull(call, pull);
    return json<Schemas["pull-request"]>(201, answer, { location: answer.url });
  });
}

async function listPulls(call: RepositoryCall): Promise<Answer> {
  const { context, repository } = call;
  const asked = query(call, "state");
  const state = asked === "closed" || asked === "all" ? asked : "open";
  const head = query(call, "head");
  const base = query(call, "base");
  // A head without an owner is no filter on GitHub either.
  const [owner, ref] =
    head?.includes(":") === true
      ? [head.slice(0, head.indexOf(":")), head.slice(head.indexOf(":") + 1)]
      : [undefined, undefined];
  const found = context.store.pulls
    .list(repository.id, state)
    .filter((pull) => base === undefined || pull.baseRef === base)
    .filter(
      (pull) => ref === undefined || (pull.headRef === ref && owner?.toLowerCase() === repository.owner.toLowerCase()),
    );
  if (query(call, "direction") === "asc") found.reverse();
  const page = await pageOf(call, found, (pull) => simplePull(context, repository, pull));
  return json<readonly Schemas["pull-request-simple"][]>(200, page.items, page.headers);
}

async function updatePull(call: RepositoryCall): Promise<Answer> {
  const { context, repository } = call;
  const fields = fieldsOf(call);
  return context.locks.hold(repository.id, async () => {
    const pull = pullOf(call);
    const change = issueChange(fields, "PullRequest");
    const reopens = change.state === "open" && pull.issue.state === "closed";
    if (reopens && pull.mergedAtMs !== null) throw invalid("A merged pull request can't be reopened");
    const head = reopens ? await branchHead(call, "head", pull.headRef) : undefined;
    const baseName = fields.text("base");
    const base =
      reopens || baseName !== undefined ? await branchHead(call, "base", baseName ?? pull.baseRef) : undefined;
    context.store.transaction(() => {
      context.store.issues.update(pull.issue.id, change, context.now());
      if (base !== undefined) context.store.pulls.setBase(pull.issue.id, base.ref, base.sha);
      if (head !== undefined) context.store.pulls.setCommits(pull.issue.id, head.sha, base?.sha ?? pull.baseSha);
    });
    const changed = context.store.pulls.byId(pull.issue.id);
    if (changed.issue.state !== pull.issue.state) {
      const emitter = { core: context, deliveries: context.deliveries };
      await emitPull(
        emitter,
        repository,
        changed,
        accountOf(context, call.actor),
        changed.issue.state === "closed" ? "closed" : "reopened",
      );
    }
    return json<Schemas["pull-request"]>(200, await fullPull(call, changed));
  });
}

async function getPull(call: RepositoryCall): Promise<Answer> {
  const { context, directory } = call;
  const pull = pullOf(call);
  if (accepts(call, "diff")) {
    const text = await diffText(context.git, directory, await pullDiffBase(context, pull), pull.headSha);
    return bytes(200, text, "application/vnd.github.diff; charset=utf-8");
  }
  if (accepts(call, "patch"))
    return bytes(200, await pullPatch(call, pull), "application/vnd.github.patch; charset=utf-8");
  return json<Schemas["pull-request"]>(200, await fullPull(call, pull));
}

/** A pull request's commits as mailbox patches. */
export async function pullPatch(call: Pick<RepositoryCall, "context" | "directory">, pull: Pull): Promise<Buffer> {
  return call.context.git.ok(call.directory, [
    "format-patch",
    "--stdout",
    "--no-ext-diff",
    `${pull.baseSha}..${pull.headSha}`,
  ]);
}

/** Pull requests. https://docs.github.com/rest/pulls/pulls */
export function addPullRoutes(routes: ApiRoutes): void {
  routes.repository("POST", "/pulls", [["pull_requests", "write"]], createPull);
  routes.repository("GET", "/pulls", [["pull_requests", "read"]], listPulls);
  routes.repository("GET", "/pulls/:number", [["pull_requests", "read"]], getPull);
  routes.repository("PATCH", "/pulls/:number", [["pull_requests", "write"]], updatePull);

  routes.repository("GET", "/pulls/:number/files", [["pull_requests", "read"]], async (call) => {
    const pull = pullOf(call);
    const files = await diffFiles(
      call.context.git,
      call.directory,
      await pullDiffBase(call.context, pull),
      pull.headSha,
    );
    const page = await pageOf(call, files.slice(0, maxFiles), (file) =>
      diffEntry(call.context, call.repository, pull.headSha, file),
    );
    return json<readonly Schemas["diff-entry"][]>(200, page.items, page.headers);
  });

  routes.repository("GET", "/pulls/:number/commits", [["pull_requests", "read"]], async (call) => {
    const pull = pullOf(call);
    const shas = await listCommits(call.context.git, call.directory, pull.baseSha, pull.headSha, maxCommits);
    const commits = await readCommits(call.context.git, call.directory, shas.toReversed());
    const page = await pageOf(call, commits, (commit) => commitAnswer(call.context, call.repository, commit));
    return json<readonly Schemas["commit"][]>(200, page.items, page.headers);
  });
}

import { accountOf, allows } from "../auth/actor.ts";
import { encodePath, nodeId, type ForgeCore } from "../core.ts";
import { refsChanged } from "../events/ref-changes.ts";
import { emptyTree } from "../git/diff.ts";
import { objectInfo } from "../git/objects.ts";
import {
  isAncestor,
  isEmpty,
  isObjectId,
  isValidRef,
  listRefs,
  mergeBase,
  noObject,
  readRef,
  resolveCommit,
  updateRef,
} from "../git/refs.ts";
import type { RefChange, RefEntry } from "../git/refs.ts";
import { repositoryUrls } from "../answers/repositories.ts";
import { empty, json, type Answer } from "../http/answer.ts";
import { fieldsOf, pageOf, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { emptyRepository, notAccessible, notFound, unprocessable } from "../http/errors.ts";
import { signatureWords, unsignedCommits } from "./signature-rule.ts";
import type { Repository } from "../store/repositories.ts";
import type { Schemas } from "../types.ts";

/** Builds GitHub's `git-ref`. */
function refAnswer(core: ForgeCore, repository: Repository, entry: RefEntry): Schemas["git-ref"] {
  const { api } = repositoryUrls(core, repository);
  const kind = entry.type === "tag" ? "tags" : "commits";
  return {
    ref: entry.ref,
    node_id: nodeId("Ref", `${repository.id}:${entry.ref}`),
    url: `${api}/git/${encodePath(entry.ref)}`,
    object: { type: entry.type, sha: entry.sha, url: `${api}/git/${kind}/${entry.sha}` },
  };
}

/** Refuses the call when the repository has no commit yet. Throws ApiError 409. */
export async function requireCommits(call: RepositoryCall): Promise<void> {
  if (await isEmpty(call.context.git, call.directory)) throw emptyRepository();
}

/** A commit that brings other workflow files needs the permission for it, as on GitHub. Throws ApiError 403. */
async function checkWorkflows(call: RepositoryCall, before: string, after: string): Promise<void> {
  if (allows(call.permissions, ["workflows", "write"])) return;
  const { git } = call.context;
  const head = await resolveCommit(git, call.directory, call.repository.defaultBranch);
  const known =
    before !== noObject ? before : head === undefined ? undefined : await mergeBase(git, call.directory, head, after);
  const touched = await git.text(call.directory, [
    "diff",
    "--name-only",
    known ?? emptyTree,
    after,
    "--",
    ".github/workflows",
  ]);
  if (touched !== "") throw notAccessible();
}

/** Where a rule demands it, each commit that is new to the branches must be signed. Throws ApiError 422. */
async function checkSignatures(call: RepositoryCall, ref: string, after: string): Promise<void> {
  const unsigned = await unsignedCommits(call.context, call.repository, call.directory, { ref, after });
  if (unsigned.length > 0) throw unprocessable(`Repository rule violations found\n\n${signatureWords}\n\n`);
}

async function checkTarget(call: RepositoryCall, ref: string, sha: string): Promise<void> {
  const info = isObjectId(sha) ? await objectInfo(call.context.git, call.directory, sha) : undefined;
  if (info === undefined || (ref.startsWith("refs/heads/") && info.type !== "commit"))
    throw unprocessable("Object does not exist");
}

async function apply(call: RepositoryCall, change: RefChange): Promise<RefEntry | undefined> {
  const { git } = call.context;
  if (!(await updateRef(git, call.directory, change))) throw unprocessable("Reference update failed");
  await refsChanged(call.context, call.repository, [change], accountOf(call.context, call.actor));
  return readRef(git, call.directory, change.ref);
}

async function createRef(call: RepositoryCall): Promise<Answer> {
  const { context, directory } = call;
  const fields = fieldsOf(call);
  const ref = fields.requiredText("ref");
  const sha = fields.requiredText("sha");
  await requireCommits(call);
  if (
    !/^refs\/[^/]+\/./.test(ref) ||
    ref.startsWith("refs/pull/") ||
    !(await isValidRef(context.git, directory, ref))
  ) {
    throw unprocessable(`${ref} is not a valid ref name.`);
  }
  await checkTarget(call, ref, sha);
  await checkWorkflows(call, noObject, sha);
  return context.locks.hold(call.repository.id, async () => {
    if ((await readRef(context.git, directory, ref)) !== undefined) throw unprocessable("Reference already exists");
    await checkSignatures(call, ref, sha);
    const made = await apply(call, { ref, before: noObject, after: sha });
    if (made === undefined) throw unprocessable("Reference update failed");
    const answer = refAnswer(context, call.repository, made);
    return json<Schemas["git-ref"]>(201, answer, { location: answer.url });
  });
}

async function changeRef(call: RepositoryCall): Promise<Answer> {
  const { context, directory } = call;
  const fields = fieldsOf(call);
  const ref = `refs/${call.parameters.text("ref")}`;
  const sha = fields.requiredText("sha");
  const force = fields.flag("force") ?? false;
  await requireCommits(call);
  return context.locks.hold(call.repository.id, async () => {
    const before = await readRef(context.git, directory, ref);
    if (before === undefined || ref.startsWith("refs/pull/")) throw unprocessable("Reference does not exist");
    await checkTarget(call, ref, sha);
    await checkWorkflows(call, before.sha, sha);
    if (!force && !(await isAncestor(context.git, directory, before.sha, sha)))
      throw unprocessable("Update is not a fast forward");
    await checkSignatures(call, ref, sha);
    const after = before.sha === sha ? before : await apply(call, { ref, before: before.sha, after: sha });
    if (after === undefined) throw unprocessable("Reference update failed");
    return json<Schemas["git-ref"]>(200, refAnswer(context, call.repository, after));
  });
}

async function deleteRef(call: RepositoryCall): Promise<Answer> {
  const { context, directory, repository } = call;
  const ref = `refs/${call.parameters.text("ref")}`;
  return context.locks.hold(repository.id, async () => {
    const before = await readRef(context.git, directory, ref);
    if (before === undefined || ref.startsWith("refs/pull/")) throw unprocessable("Reference does not exist");
    if (ref === `refs/heads/${repository.defaultBranch}`) throw unprocessable("Cannot delete the default branch");
    await apply(call, { ref, before: before.sha, after: noObject });
    return empty(204);
  });
}

/** Refs, read and moved. https://docs.github.com/rest/git/refs */
export function addRefRoutes(routes: ApiRoutes): void {
  routes.repository("GET", "/git/ref/*ref", [["contents", "read"]], async (call) => {
    await requireCommits(call);
    const found = await readRef(call.context.git, call.directory, `refs/${call.parameters.text("ref")}`);
    if (found === undefined) throw notFound();
    return json<Schemas["git-ref"]>(200, refAnswer(call.context, call.repository, found));
  });

  routes.repository("GET", "/git/matching-refs/*ref", [["contents", "read"]], async (call) => {
    await requireCommits(call);
    const found = await listRefs(call.context.git, call.directory, `refs/${call.parameters.text("ref")}`);
    const page = await pageOf(call, found, (entry) => refAnswer(call.context, call.repository, entry));
    return json<readonly Schemas["git-ref"][]>(200, page.items, page.headers);
  });

  routes.repository("POST", "/git/refs", [["contents", "write"]], createRef);
  routes.repository("PATCH", "/git/refs/*ref", [["contents", "write"]], changeRef);
  routes.repository("DELETE", "/git/refs/*ref", [["contents", "write"]], deleteRef);
}

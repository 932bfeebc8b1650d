import { gitCommitAnswer } from "../answers/commits.ts";
import { repositoryUrls } from "../answers/repositories.ts";
import { accountOf } from "../auth/actor.ts";
import { nodeId, noreplyAddress } from "../core.ts";
import { parseDate, readCommit, writeCommit, type Signature } from "../git/commits.ts";
import { GitError } from "../git/git.ts";
import { signed } from "../git/signatures.ts";
import { listTree, objectInfo, objectInfos, readBlob, treeOf, writeBlob, type TreeEntry } from "../git/objects.ts";
import { isObjectId, resolveCommit } from "../git/refs.ts";
import { isSafeTreePath, MissingPathError, writeTree, type TreeChange } from "../git/trees.ts";
import { bytes, json, type Answer } from "../http/answer.ts";
import { accepts, fieldsOf, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { ApiError, notFound, unprocessable } from "../http/errors.ts";
import { Fields } from "../http/request.ts";
import type { Schemas } from "../types.ts";
import { requireCommits } from "./refs.ts";

const maxBlobBytes = 100 * 1024 * 1024;

function treeAnswer(call: RepositoryCall, sha: string, entries: readonly TreeEntry[]): Schemas["git-tree"] {
  const { api } = repositoryUrls(call.context, call.repository);
  const { maxTreeEntries } = call.context;
  return {
    sha,
    url: `${api}/git/trees/${sha}`,
    tree: entries.slice(0, maxTreeEntries).map((entry) => ({
      path: entry.path,
      mode: entry.mode,
      type: entry.type,
      sha: entry.sha,
      ...(entry.sizeBytes === undefined ? {} : { size: entry.sizeBytes }),
      ...(entry.type === "commit" ? {} : { url: `${api}/git/${entry.type}s/${entry.sha}` }),
    })),
    truncated: entries.length > maxTreeEntries,
  };
}

async function getTree(call: RepositoryCall): Promise<Answer> {
  const { git } = call.context;
  await requireCommits(call);
  const name = call.parameters.text("sha");
  const start = isObjectId(name) ? name : await resolveCommit(git, call.directory, name);
  const tree = start === undefined ? undefined : await treeOf(git, call.directory, start);
  if (tree === undefined) throw notFound();
  // Any value of the parameter asks for all levels, even 0 and false.
  const entries = await listTree(git, call.directory, tree, call.url.searchParams.has("recursive"));
  return json<Schemas["git-tree"]>(200, treeAnswer(call, tree, entries));
}

const modes = new Map<string, readonly [TreeChange["mode"], string]>([
  ["100644", ["100644", "blob"]],
  ["100755", ["100755", "blob"]],
  ["120000", ["120000", "blob"]],
  ["040000", ["040000", "tree"]],
  ["160000", ["160000", "commit"]],
]);

async function treeChange(call: RepositoryCall, value: unknown): Promise<TreeChange> {
  const fields = Fields.of(value);
  const path = fields.requiredText("path");
  if (!isSafeTreePath(path)) throw unprocessable("tree.path contains a malformed path component");
  const [mode] = modes.get(fields.text("mode") ?? "100644") ?? [];
  if (mode === undefined) throw unprocessable("Must supply a valid tree.mode");
  if (fields.isNull("sha")) return { path, mode, sha: null };
  const content = fields.text("content");
  const sha = fields.text("sha");
  if ((content === undefined) === (sha === undefined))
    throw unprocessable("Must supply either tree.sha or tree.content");
  if (content !== undefined)
    return { path, mode, sha: await writeBlob(call.context.git, call.directory, Buffer.from(content, "utf8")) };
  return { path, mode, sha: sha ?? null };
}

async function createTree(call: RepositoryCall): Promise<Answer> {
  const { git } = call.context;
  const fields = fieldsOf(call);
  const list = fields.list("tree");
  if (list === undefined || list.length === 0) throw unprocessable("Invalid tree info");
  await requireCommits(call);
  const baseName = fields.text("base_tree");
  const base =
    baseName === undefined ? undefined : isObjectId(baseName) ? await treeOf(git, call.directory, baseName) : undefined;
  if (baseName !== undefined && base === undefined) throw unprocessable("base_tree is not a valid tree oid");
  const changes: TreeChange[] = [];
  for (const value of list) changes.push(await treeChange(call, value));
  const infos = await objectInfos(
    git,
    call.directory,
    changes.flatMap(({ sha }) => sha ?? []),
  );
  for (const { sha, mode } of changes) {
    const wanted = modes.get(mode)?.[1];
    if (sha !== null && mode !== "160000" && infos.get(sha)?.type !== wanted)
      throw unprocessable(`tree.sha ${sha} is not a valid ${wanted ?? "object"}`);
    if (sha !== null && !isObjectId(sha)) throw unprocessable("The tree parameter has an invalid sha");
  }
  try {
    const tree = await writeTree(git, call.directory, base, changes);
    return json<Schemas["git-tree"]>(201, treeAnswer(call, tree, await listTree(git, call.directory, tree, false)));
  } catch (error) {
    if (error instanceof MissingPathError) throw unprocessable("GitRPC::BadObjectState");
    if (error instanceof GitError) throw unprocessable("Invalid tree info");
    throw error;
  }
}

function signature(call: RepositoryCall, fields: Fields | undefined, fallback: Signature | undefined): Signature {
  const account = accountOf(call.context, call.actor);
  const own: Signature = fallback ?? {
    name: account.name ?? account.login,
    email: account.email ?? noreplyAddress(call.context, account),
    seconds: Math.floor(call.context.now() / 1000),
    offsetMinutes: 0,
  };
  if (fields === undefined) return own;
  const date = fields.text("date");
  const parsed = date === undefined ? undefined : parseDate(date);
  if (date !== undefined && parsed === undefined)
    throw unprocessable(`Invalid request.\n\n"${date}" is not a valid date-time.`);
  return {
    name: fields.requiredText("name"),
    email: fields.requiredText("email"),
    seconds: parsed?.seconds ?? Math.floor(call.context.now() / 1000),
    offsetMinutes: parsed?.offsetMinutes ?? 0,
  };
}

async function createCommit(call: RepositoryCall): Promise<Answer> {
  const { git } = call.context;
  const fields = fieldsOf(call);
  const message = fields.requiredText("message");
  const tree = fields.requiredText("tree");
  const parents = fields.texts("parents") ?? [];
  if (message.includes("\0")) throw unprocessable("Invalid request.\n\nThe message may not contain NUL.");
  await requireCommits(call);
  const infos = await objectInfos(git, call.directory, [tree, ...parents]);
  if (infos.get(tree)?.type !== "tree") throw unprocessable("Tree SHA does not exist");
  if (parents.some((parent) => infos.get(parent)?.type !== "commit")) {
    throw unprocessable("Parent SHA does not exist or is not a commit object");
  }
  const authorFields = fields.object("author");
  const author = signature(call, authorFields, undefined);
  // An author given without a committer is the committer too.
  const committer = signature(call, fields.object("committer"), authorFields === undefined ? undefined : author);
  const commit = { tree, parents, author, committer, message };
  // https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification#signature-verification-for-bots
  const isSigned = call.actor.kind === "installation" && !fields.has("author") && !fields.has("committer");
  const sha = await writeCommit(git, call.directory, isSigned ? signed(call.context.app.signingKey, commit) : commit);
  const answer = gitCommitAnswer(call.context, call.repository, await readCommit(git, call.directory, sha));
  return json<Schemas["git-commit"]>(201, answer, { location: answer.url });
}

async function createBlob(call: RepositoryCall): Promise<Answer> {
  const fields = fieldsOf(call);
  const content = fields.requiredText("content");
  const encoding = fields.text("encoding") ?? "utf-8";
  if (encoding !== "utf-8" && encoding !== "base64")
    throw unprocessable("Invalid request.\n\nencoding must be utf-8 or base64.");
  await requireCommits(call);
  if (encoding === "base64" && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content))
    throw unprocessable("content is not valid Base64");
  const sha = await writeBlob(
    call.context.git,
    call.directory,
    Buffer.from(content, encoding === "base64" ? "base64" : "utf8"),
  );
  const url = `${repositoryUrls(call.context, call.repository).api}/git/blobs/${sha}`;
  return json<Schemas["short-blob"]>(201, { url, sha }, { location: url });
}

/** Objects of the Git Data API. https://docs.github.com/rest/git */
export function addGitObjectRoutes(routes: ApiRoutes): void {
  routes.repository("GET", "/git/commits/:sha", [["contents", "read"]], async (call) => {
    await requireCommits(call);
    const sha = call.parameters.text("sha");
    const info = isObjectId(sha) ? await objectInfo(call.context.git, call.directory, sha) : undefined;
    if (info?.type !== "commit") throw notFound();
    return json<Schemas["git-commit"]>(
      200,
      gitCommitAnswer(call.context, call.repository, await readCommit(call.context.git, call.directory, sha)),
    );
  });

  routes.repository("GET", "/git/trees/*sha", [["contents", "read"]], getTree);

  routes.repository("GET", "/git/blobs/:sha", [["contents", "read"]], async (call) => {
    await requireCommits(call);
    const sha = call.parameters.text("sha");
    const info = isObjectId(sha) ? await objectInfo(call.context.git, call.directory, sha) : undefined;
    if (info?.type !== "blob") throw notFound();
    if (info.sizeBytes > maxBlobBytes) throw new ApiError(403, "This API returns blobs up to 100 MB in size.");
    const content = await readBlob(call.context.git, call.directory, sha);
    if (accepts(call, "raw")) return bytes(200, content, "application/vnd.github.raw");
    return json<Schemas["blob"]>(200, {
      sha,
      node_id: nodeId("Blob", sha),
      size: info.sizeBytes,
      url: `${repositoryUrls(call.context, call.repository).api}/git/blobs/${sha}`,
      content: wrapBase64(content),
      encoding: "base64",
    });
  });

  routes.repository("POST", "/git/commits", [["contents", "write"]], createCommit);
  routes.repository("POST", "/git/trees", [["contents", "write"]], createTree);
  routes.repository("POST", "/git/blobs", [["contents", "write"]], createBlob);
}

/** Base64 in lines of 60 characters, as GitHub writes it. */
export function wrapBase64(content: Buffer): string {
  return content.toString("base64").replace(/.{60}/g, "$&\n");
}

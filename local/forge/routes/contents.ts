import { isSymlinkMode } from "../../../contracts/file-mode.ts";
import { posix } from "node:path";
import { repositoryUrls } from "../answers/repositories.ts";
import { encodePath } from "../core.ts";
import { findEntry, listTree, readBlob, type TreeEntry } from "../git/objects.ts";
import { isEmpty, resolveCommit } from "../git/refs.ts";
import { bytes, json, type Answer } from "../http/answer.ts";
import { accepts, query, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { ApiError, notFound } from "../http/errors.ts";
import type { Schemas } from "../types.ts";
import { wrapBase64 } from "./git-objects.ts";

/** Up to this size a file's content comes in base64; above it only raw. */
const maxInlineBytes = 1024 * 1024;
const maxRawBytes = 100 * 1024 * 1024;

type Item = Schemas["content-directory"][number];

function item(call: RepositoryCall, ref: string, entry: TreeEntry): Item {
  const { api, html } = repositoryUrls(call.context, call.repository);
  const path = encodePath(entry.path);
  const kind = entry.type === "tree" ? "trees" : "blobs";
  const url = `${api}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const git = entry.type === "commit" ? null : `${api}/git/${kind}/${entry.sha}`;
  const page = `${html}/${entry.type === "tree" ? "tree" : "blob"}/${encodePath(ref)}/${path}`;
  const type =
    entry.type === "tree"
      ? "dir"
      : entry.type === "commit"
        ? "submodule"
        : isSymlinkMode(entry.mode)
          ? "symlink"
          : "file";
  return {
    type,
    size: entry.sizeBytes ?? 0,
    name: posix.basename(entry.path),
    path: entry.path,
    sha: entry.sha,
    url,
    git_url: git,
    html_url: page,
    download_url: entry.type === "blob" ? `${html}/raw/${encodePath(ref)}/${path}` : null,
    _links: { self: url, git, html: page },
  };
}

async function fileAnswer(call: RepositoryCall, ref: string, entry: TreeEntry): Promise<Answer> {
  const size = entry.sizeBytes ?? 0;
  if (size > maxRawBytes) throw new ApiError(403, "This API returns blobs up to 100 MB in size.");
  if (accepts(call, "raw"))
    return bytes(200, await readBlob(call.context.git, call.directory, entry.sha), "application/vnd.github.raw");
  const content =
    size > maxInlineBytes ? "" : `${wrapBase64(await readBlob(call.context.git, call.directory, entry.sha))}\n`;
  return json<Schemas["content-file"]>(200, {
    ...item(call, ref, entry),
    type: "file",
    encoding: size > maxInlineBytes ? "none" : "base64",
    content,
  });
}

/** GitHub answers with the file that a symlink leads to, when that is a file of the repository; else with the link. */
async function linkAnswer(call: RepositoryCall, ref: string, commit: string, entry: TreeEntry): Promise<Answer> {
  const { git } = call.context;
  const target = (await readBlob(git, call.directory, entry.sha)).toString("utf8");
  const resolved = posix.join(posix.dirname(entry.path), target);
  const inside = !posix.isAbsolute(target) && resolved !== ".." && !resolved.startsWith("../");
  const found = inside ? await findEntry(git, call.directory, commit, resolved) : undefined;
  if (found?.type === "blob" && !isSymlinkMode(found.mode))
    return fileAnswer(call, ref, { ...found, path: entry.path });
  return json<Schemas["content-symlink"]>(200, { ...item(call, ref, entry), type: "symlink", target });
}

async function contents(call: RepositoryCall, path: string): Promise<Answer> {
  const { context, directory, repository } = call;
  if (await isEmpty(context.git, directory)) throw notFound("This repository is empty.");
  const ref = query(call, "ref") ?? repository.defaultBranch;
  const commit = await resolveCommit(context.git, directory, ref);
  if (commit === undefined) throw notFound(`No commit found for the ref ${ref}`);
  const clean = path.replace(/\/+$/, "");
  const entry = clean === "" ? undefined : await findEntry(context.git, directory, commit, clean);
  if (clean !== "" && entry === undefined) throw notFound();
  if (entry === undefined || entry.type === "tree") {
    const listed = await listTree(context.git, directory, entry?.sha ?? commit, false);
    const prefix = clean === "" ? "" : `${clean}/`;
    const items = listed.map((child) => item(call, ref, { ...child, path: prefix + child.path }));
    if (!accepts(call, "object") || entry === undefined) return json<Schemas["content-directory"]>(200, items);
    const folder = item(call, ref, entry);
    return json<Schemas["content-tree"]>(200, { ...folder, entries: items });
  }
  if (entry.type === "commit") {
    return json<Schemas["content-submodule"]>(200, {
      ...item(call, ref, entry),
      type: "submodule",
      submodule_git_url: "",
    });
  }
  return isSymlinkMode(entry.mode) ? linkAnswer(call, ref, commit, entry) : fileAnswer(call, ref, entry);
}

/** Files and folders at a ref. https://docs.github.com/rest/repos/contents */
export function addContentRoutes(routes: ApiRoutes): void {
  routes.repository("GET", "/contents", [["contents", "read"]], (call) => contents(call, ""));
  routes.repository("GET", "/contents/*path", [["contents", "read"]], (call) =>
    contents(call, call.parameters.text("path")),
  );

  routes.repository("GET", "/readme", [["contents", "read"]], async (call) => {
    const { context, directory, repository } = call;
    const ref = query(call, "ref") ?? repository.defaultBranch;
    const commit = await resolveCommit(context.git, directory, ref);
    if (commit === undefined) throw notFound();
    const listed = await listTree(context.git, directory, commit, false);
    const found = listed.find(({ path, type }) => type === "blob" && /^readme(\.(md|markdown|rst|txt))?$/i.test(path));
    if (found === undefined) throw notFound();
    return contents(call, found.path);
  });
}

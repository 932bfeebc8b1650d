import { encodePath, iso } from "../core.ts";
import { listCommits, readCommit, readCommits } from "../git/commits.ts";
import { diffText, emptyTree } from "../git/diff.ts";
import { findEntry, listTree, readBlob, type TreeEntry } from "../git/objects.ts";
import { isEmpty, listRefs, resolveCommit } from "../git/refs.ts";
import { bytes, type Answer } from "../http/answer.ts";
import { diffBlock, html, missingPage, page, type Html } from "./html.ts";
import type { Visit } from "./site.ts";

const maxShownBytes = 512 * 1024;

/** The repository's name and the links to its other pages. */
export function heading({ repository, home }: Visit): Html {
  return html`<h1><a href="${home}">${repository.owner}/${repository.name}</a></h1>
    <p>
      <a href="${home}/commits">Commits</a> · <a href="${home}/pulls">Pull requests</a> ·
      <a href="${home}/issues">Issues</a> ·
      <a href="${home}/actions">Actions</a>
    </p>`;
}

/** Splits `ref/path` where the longest ref that exists ends: both may hold slashes. */
async function splitRef(
  { context, directory }: Visit,
  whole: string,
): Promise<{ ref: string; commit: string; path: string } | undefined> {
  const parts = whole.split("/");
  for (let length = parts.length; length > 0; length -= 1) {
    const ref = parts.slice(0, length).join("/");
    const commit = await resolveCommit(context.git, directory, ref);
    if (commit !== undefined) return { ref, commit, path: parts.slice(length).join("/") };
  }
  return undefined;
}

function isText(content: Buffer): boolean {
  return !content.subarray(0, 8000).includes(0);
}

async function fileBlock({ context, directory }: Visit, entry: TreeEntry): Promise<Html> {
  if ((entry.sizeBytes ?? 0) > maxShownBytes) return html`<p>${entry.sizeBytes ?? 0} bytes: too large to show.</p>`;
  const content = await readBlob(context.git, directory, entry.sha);
  return isText(content)
    ? html`<pre>${content.toString("utf8")}</pre>`
    : html`<p>A binary file of ${content.length} bytes.</p>`;
}

/** A folder or a file at a ref; the root of the default branch for an empty path. */
export async function showTree(visit: Visit, whole: string): Promise<Answer> {
  const { context, directory, repository, home } = visit;
  if (await isEmpty(context.git, directory)) {
    return page(
      repository.name,
      html`${heading(visit)}
        <p>This repository is empty.</p>`,
    );
  }
  const at = await splitRef(visit, whole === "" ? repository.defaultBranch : whole);
  if (at === undefined) return missingPage();
  const entry = at.path === "" ? undefined : await findEntry(context.git, directory, at.commit, at.path);
  if (at.path !== "" && entry === undefined) return missingPage();
  const title = html`<h2>${at.ref}${at.path === "" ? "" : ` / ${at.path}`}</h2>`;
  if (entry !== undefined && entry.type !== "tree") {
    const raw = html`<p><a href="${home}/raw/${encodePath(at.ref)}/${encodePath(at.path)}">Raw</a></p>`;
    return page(at.path, html`${heading(visit)}${title}${raw}${await fileBlock(visit, entry)}`);
  }
  const listed = await listTree(context.git, directory, entry?.sha ?? at.commit, false);
  const prefix = at.path === "" ? "" : `${at.path}/`;
  const rows = listed.map((child) => {
    const link = `${home}/${child.type === "tree" ? "tree" : "blob"}/${encodePath(at.ref)}/${encodePath(prefix + child.path)}`;
    return html`<tr>
      <td><a href="${link}">${child.path}${child.type === "tree" ? "/" : ""}</a></td>
      <td class="dim">${child.sizeBytes ?? ""}</td>
    </tr>`;
  });
  const readme = listed.find(({ path, type }) => type === "blob" && /^readme(\.(md|txt))?$/i.test(path));
  const branches = whole === "" ? await listRefs(context.git, directory, "refs/heads/") : [];
  const branchLinks = branches.map(({ ref }) => {
    const name = ref.slice("refs/heads/".length);
    return html`<a href="${home}/tree/${encodePath(name)}">${name}</a> `;
  });
  return page(
    repository.name,
    html`${heading(visit)}
      <p class="dim">${repository.description ?? ""}</p>
      ${branchLinks.length === 0 ? "" : html`<p>Branches: ${branchLinks}</p>`} ${title}
      <table>
        ${rows}
      </table>
      ${
        readme === undefined
          ? ""
          : html`<h2>${readme.path}</h2>
              ${await fileBlock(visit, readme)}`
      }`,
  );
}

/** A file's bytes, as text or as a download: never as something that a browser would run. */
export async function showRaw(visit: Visit, whole: string): Promise<Answer> {
  const at = await splitRef(visit, whole);
  const entry = at === undefined ? undefined : await findEntry(visit.context.git, visit.directory, at.commit, at.path);
  if (entry?.type !== "blob") return missingPage();
  const content = await readBlob(visit.context.git, visit.directory, entry.sha);
  return bytes(200, content, isText(content) ? "text/plain; charset=utf-8" : "application/octet-stream", {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  });
}

/** One commit with its diff against its first parent. */
export async function showCommit(visit: Visit): Promise<Answer> {
  const { context, directory } = visit;
  const sha = await resolveCommit(context.git, directory, visit.parameters.text("sha"));
  if (sha === undefined) return missingPage();
  const commit = await readCommit(context.git, directory, sha);
  const diff = (await diffText(context.git, directory, commit.parents[0] ?? emptyTree, sha))
    .toString("utf8")
    .slice(0, maxShownBytes);
  return page(
    sha.slice(0, 10),
    html`${heading(visit)}
      <h2>Commit ${sha.slice(0, 10)}</h2>
      <p class="dim">${commit.author.name} · ${iso(commit.author.seconds * 1000)} · <code>${sha}</code></p>
      <pre>${commit.message}</pre>
      ${diffBlock(diff)}`,
  );
}

/** The newest hundred commits of a ref. */
export async function showCommits(visit: Visit, ref: string): Promise<Answer> {
  const { context, directory, home } = visit;
  const start = await resolveCommit(context.git, directory, ref);
  if (start === undefined) return missingPage();
  const commits = await readCommits(
    context.git,
    directory,
    await listCommits(context.git, directory, undefined, start, 100),
  );
  const rows = commits.map(
    (commit) =>
      html`<tr>
        <td><a href="${home}/commit/${commit.sha}">${commit.message.split("\n")[0] ?? ""}</a></td>
        <td class="dim">${commit.author.name}</td>
        <td class="dim">${iso(commit.author.seconds * 1000)}</td>
      </tr>`,
  );
  return page(
    `Commits of ${ref}`,
    html`${heading(visit)}
      <h2>Commits of ${ref}</h2>
      <table>
        ${rows}
      </table>`,
  );
}

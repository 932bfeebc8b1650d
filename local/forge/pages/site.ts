import type { IncomingMessage } from "node:http";
import { gitDirectory } from "../core.ts";
import type { ForgeContext } from "../context.ts";
import { bytes, plain, type Answer } from "../http/answer.ts";
import { isOwnForm } from "../http/hosts.ts";
import { Router } from "../http/router.ts";
import type { Parameters } from "../http/request.ts";
import type { Repository } from "../store/repositories.ts";
import { showCommit, showCommits, showRaw, showTree } from "./files.ts";
import { showIssue, showIssues, showPull, showPulls, showPullText } from "./conversations.ts";
import { askInstall, acceptInstall, showApp } from "./install.ts";
import { html, missingPage, page } from "./html.ts";
import { showRun, showRuns } from "./runs.ts";
import { readBody } from "../http/request.ts";

/** The inputs of a page about a repository. */
export interface Visit {
  readonly context: ForgeContext;
  readonly repository: Repository;
  readonly directory: string;
  /** `/owner/name`, encoded. */
  readonly home: string;
  readonly parameters: Parameters;
}

type RepositoryPage = (visit: Visit) => Promise<Answer> | Answer;

const pages = new Router<RepositoryPage>();
pages.add("GET", "/:owner/:repo", (visit) => showTree(visit, ""));
pages.add("GET", "/:owner/:repo/tree/*path", (visit) => showTree(visit, visit.parameters.text("path")));
pages.add("GET", "/:owner/:repo/blob/*path", (visit) => showTree(visit, visit.parameters.text("path")));
pages.add("GET", "/:owner/:repo/raw/*path", (visit) => showRaw(visit, visit.parameters.text("path")));
pages.add("GET", "/:owner/:repo/commit/:sha", showCommit);
pages.add("GET", "/:owner/:repo/commits", (visit) => showCommits(visit, visit.repository.defaultBranch));
pages.add("GET", "/:owner/:repo/commits/*ref", (visit) => showCommits(visit, visit.parameters.text("ref")));
pages.add("GET", "/:owner/:repo/pulls", showPulls);
pages.add("GET", "/:owner/:repo/pull/:number", showPull);
pages.add("GET", "/:owner/:repo/pull/:number/files", showPull);
pages.add("GET", "/:owner/:repo/pull/:number/commits", showPull);
pages.add("GET", "/:owner/:repo/issues", showIssues);
pages.add("GET", "/:owner/:repo/issues/:number", showIssue);
pages.add("GET", "/:owner/:repo/actions", showRuns);
pages.add("GET", "/:owner/:repo/actions/runs/:id", showRun);
pages.add("GET", "/:owner/:repo/actions/runs/:id/job/:job", showRun);

function home(context: ForgeContext, owner?: string): Answer {
  const found = context.store.repositories
    .all()
    .filter((repository) => owner === undefined || repository.owner.toLowerCase() === owner.toLowerCase());
  const rows = found.map(
    ({ owner: login, name, description }) =>
      html`<tr>
        <td><a href="/${encodeURIComponent(login)}/${encodeURIComponent(name)}">${login}/${name}</a></td>
        <td class="dim">${description ?? ""}</td>
      </tr>`,
  );
  const list =
    rows.length === 0
      ? html`<p>No repository yet.</p>`
      : html`<table>
          ${rows}
        </table>`;
  return page(
    owner ?? "Local forge",
    html`<h1>${owner ?? "Repositories"}</h1>
      ${list}`,
  );
}

function avatar(context: ForgeContext, id: string): Answer {
  if (!/^\d{1,15}$/.test(id)) return missingPage();
  let login: string;
  try {
    ({ login } = context.store.accounts.byId(Number(id)));
  } catch {
    return missingPage();
  }
  const hue = (Number(id) * 137) % 360;
  const letter = /^[A-Za-z0-9]/.exec(login)?.[0].toUpperCase() ?? "?";
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64"><rect width="64" height="64" fill="hsl(${hue} 45% 42%)"/><text x="32" y="43" font-family="system-ui,sans-serif" font-size="32" text-anchor="middle" fill="#fff">${letter}</text></svg>`;
  return bytes(200, Buffer.from(svg, "utf8"), "image/svg+xml", {
    "cache-control": "max-age=86400",
    "content-security-policy": "default-src 'none'",
  });
}

/** Serves the pages that links of the API lead to. They need no sign-in: the forge listens on this machine only. */
export async function servePage(context: ForgeContext, request: IncomingMessage, url: URL): Promise<Answer> {
  const method = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
  const [first = "", second = "", third = "", fourth = ""] = url.pathname.split("/").slice(1);
  if (first === "apps" && third === "" && method === "GET") return showApp(context);
  if (first === "apps" && third === "installations" && fourth === "new") {
    if (method === "GET") return askInstall(context, url);
    const form = new URLSearchParams((await readBody(request, 64 * 1024)).toString("utf8"));
    return method === "POST" ? acceptInstall(context, form, isOwnForm(request)) : missingPage();
  }
  if (method !== "GET") return plain(405, "Method Not Allowed\n");
  if (first === "") return home(context);
  if (first === "_avatars") return avatar(context, second);
  if (second === "")
    return context.store.accounts.byLogin(decodeURIComponent(first)) === undefined
      ? missingPage()
      : home(context, decodeURIComponent(first));
  const matched = pages.match("GET", url.pathname);
  if (matched === undefined) return missingPage();
  const repository = context.store.repositories.byName(
    matched.parameters.text("owner"),
    matched.parameters.text("repo"),
  );
  if (repository === undefined) return missingPage();
  const visit: Visit = {
    context,
    repository,
    directory: gitDirectory(context, repository),
    home: `/${encodeURIComponent(repository.owner)}/${encodeURIComponent(repository.name)}`,
    parameters: matched.parameters,
  };
  const number = /\.(diff|patch)$/.exec(third === "pull" ? fourth : "")?.[1];
  return number === undefined ? matched.handler(visit) : showPullText(visit, number === "diff" ? "diff" : "patch");
}

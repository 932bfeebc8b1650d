import { commitAnswer } from "../answers/commits.ts";
import { fullRepository, repositoryUrls } from "../answers/repositories.ts";
import { encodePath, type ForgeCore } from "../core.ts";
import { readCommit } from "../git/commits.ts";
import { listRefs, readRef, type RefEntry } from "../git/refs.ts";
import { json } from "../http/answer.ts";
import { pageOf, type ApiRoutes } from "./calls.ts";
import { notFound } from "../http/errors.ts";
import type { Repository } from "../store/repositories.ts";
import type { Schemas } from "../types.ts";

function shortBranch(core: ForgeCore, repository: Repository, entry: RefEntry): Schemas["short-branch"] {
  const { api } = repositoryUrls(core, repository);
  return {
    name: entry.ref.slice("refs/heads/".length),
    commit: { sha: entry.sha, url: `${api}/commits/${entry.sha}` },
    protected: false,
  };
}

/** A repository and its branches. https://docs.github.com/rest/repos/repos, https://docs.github.com/rest/branches/branches */
export function addRepositoryRoutes(routes: ApiRoutes): void {
  routes.repository("GET", "", [["metadata", "read"]], ({ context, repository, permissions }) =>
    json<Schemas["full-repository"]>(200, fullRepository(context, repository, permissions)),
  );

  routes.repository("GET", "/languages", [["metadata", "read"]], ({ repository }) =>
    json<Schemas["language"]>(200, Object.fromEntries(repository.languages)),
  );

  routes.repository("GET", "/branches", [["contents", "read"]], async (call) => {
    const found = await listRefs(call.context.git, call.directory, "refs/heads/");
    const page = await pageOf(call, found, (entry) => shortBranch(call.context, call.repository, entry));
    return json<readonly Schemas["short-branch"][]>(200, page.items, page.headers);
  });

  routes.repository("GET", "/branches/*branch", [["contents", "read"]], async (call) => {
    const { context, repository } = call;
    const name = call.parameters.text("branch");
    const found = await readRef(context.git, call.directory, `refs/heads/${name}`);
    if (found === undefined) throw notFound("Branch not found");
    const { api, html } = repositoryUrls(context, repository);
    const self = `${api}/branches/${encodePath(name)}`;
    return json<Schemas["branch-with-protection"]>(200, {
      name,
      commit: commitAnswer(context, repository, await readCommit(context.git, call.directory, found.sha)),
      _links: { self, html: `${html}/tree/${encodePath(name)}` },
      protected: false,
      protection: { enabled: false },
      protection_url: `${self}/protection`,
    });
  });
}

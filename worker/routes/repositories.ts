import { repositorySchema } from "../../contracts/project.ts";
import { listRepositories } from "../services/connector/list-repositories.ts";
import { json, namedPage, pageQuery, problems, route, type ApiApp } from "./shared.ts";

const list = route("repository.read", {
  method: "get",
  path: "/api/repositories",
  tags: ["Repositories"],
  summary: "List the tenant's repositories that the asking person sees at the forge",
  request: { query: pageQuery },
  responses: {
    200: json(namedPage("RepositoryPage", repositorySchema), "A page of repositories"),
    ...problems("invalid_request", "unauthenticated"),
  },
});

/** `GET /api/repositories`. */
export function registerRepositories(app: ApiApp): void {
  app.openapi(list, async (c) =>
    c.json(await listRepositories(c.var.deps, c.var.scope, c.req.valid("query").cursor), 200),
  );
}

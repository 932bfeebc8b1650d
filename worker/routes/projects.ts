import {
  addRepositoriesSchema,
  createProjectSchema,
  projectSchema,
  updateProjectSchema,
} from "../../contracts/project.ts";
import { projectDeliverySchema } from "../../contracts/delivery.ts";
import { getDelivery, updateDelivery } from "../services/project/project-delivery.ts";
import { addProjectRepositories } from "../services/project/add-repositories.ts";
import { createProject } from "../services/project/create-project.ts";
import { getProject } from "../services/project/get-project.ts";
import { listProjects } from "../services/project/list-projects.ts";
import { updateProject } from "../services/board/update-project.ts";
import { idParams, json, jsonBody, namedPage, pageQuery, problems, route, type ApiApp } from "./shared.ts";

const list = route("project.read", {
  method: "get",
  path: "/api/projects",
  tags: ["Projects"],
  summary: "List projects",
  request: { query: pageQuery },
  responses: {
    200: json(namedPage("ProjectPage", projectSchema), "A page of projects"),
    ...problems("invalid_request", "unauthenticated"),
  },
});

const create = route("project.create", {
  method: "post",
  path: "/api/projects",
  tags: ["Projects"],
  summary: "Make a project",
  request: { body: jsonBody(createProjectSchema) },
  responses: {
    201: json(projectSchema, "The new project"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "conflict", "unknown_repository"),
  },
});

const get = route("project.read", {
  method: "get",
  path: "/api/projects/{id}",
  tags: ["Projects"],
  summary: "Read a project",
  request: { params: idParams },
  responses: {
    200: json(projectSchema, "The project"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const update = route("project.update", {
  method: "patch",
  path: "/api/projects/{id}",
  tags: ["Projects"],
  summary: "Change a project, archive or unarchive it",
  request: { params: idParams, body: jsonBody(updateProjectSchema) },
  responses: {
    200: json(projectSchema, "The project after the change"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict"),
  },
});

const delivery = route("project.read", {
  method: "get",
  path: "/api/projects/{id}/delivery",
  tags: ["Projects"],
  summary: "Read how a project delivers runs over several repositories",
  request: { params: idParams },
  responses: {
    200: json(projectDeliverySchema, "The delivery"),
    ...problems("invalid_request", "unauthenticated", "not_found"),
  },
});

const setDelivery = route("project.update", {
  method: "put",
  path: "/api/projects/{id}/delivery",
  tags: ["Projects"],
  summary: "Set how a project delivers runs over several repositories",
  request: { params: idParams, body: jsonBody(projectDeliverySchema) },
  responses: {
    200: json(projectDeliverySchema, "The delivery"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict", "unknown_repository"),
  },
});

const addToProject = route("project.update", {
  method: "post",
  path: "/api/projects/{id}/repositories",
  tags: ["Projects"],
  summary: "Add repositories to a project",
  request: { params: idParams, body: jsonBody(addRepositoriesSchema) },
  responses: {
    200: json(projectSchema, "The project with its repositories"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "conflict", "unknown_repository"),
  },
});

/** `/api/projects`: projects, their repositories, their delivery. */
export function registerProjects(app: ApiApp): void {
  app.openapi(list, async (c) => c.json(await listProjects(c.var.deps, c.var.scope, c.req.valid("query").cursor), 200));
  app.openapi(create, async (c) => c.json(await createProject(c.var.deps, c.var.scope, c.req.valid("json")), 201));
  app.openapi(get, async (c) =>
    c.json(await getProject(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200),
  );
  app.openapi(update, async (c) => {
    const projectId = Number(c.req.valid("param").id);
    return c.json(await updateProject(c.var.deps, c.var.scope, projectId, c.req.valid("json")), 200);
  });
  app.openapi(delivery, async (c) =>
    c.json(await getDelivery(c.var.deps, c.var.scope, Number(c.req.valid("param").id)), 200),
  );
  app.openapi(setDelivery, async (c) => {
    const { deps, scope } = c.var;
    return c.json(await updateDelivery(deps, scope, Number(c.req.valid("param").id), c.req.valid("json")), 200);
  });
  app.openapi(addToProject, async (c) => {
    const projectId = Number(c.req.valid("param").id);
    return c.json(await addProjectRepositories(c.var.deps, c.var.scope, projectId, c.req.valid("json")), 200);
  });
}

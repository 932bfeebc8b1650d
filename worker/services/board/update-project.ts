import type { Project, UpdateProject } from "../../../contracts/project.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { writeBoard } from "./write-board.ts";
import { readProject } from "../project/get-project.ts";

/**
 * Changes fields of a project, archives or unarchives it. `project.update`. `not_found` without it; `conflict` for a key that is taken or can't
 * change any more, and for an archived project. It is a write of the project's board, so that open pages see it in order.
 */
export async function updateProject(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  edit: UpdateProject,
): Promise<Project> {
  requirePermission(scope, "project.update");
  await writeBoard(deps, scope, projectId, { kind: "project", edit });
  return readProject(deps, scope, projectId);
}

import type { Project } from "../../../contracts/project.ts";
import type { ServiceContext } from "../../context.ts";
import { findProject } from "../../db/stores/project.ts";
import { ServiceError } from "../../errors.ts";
import { projectViews } from "./project-view.ts";

/** One project of the tenant with its repositories, or `not_found`. One query. */
export async function getProject(context: ServiceContext, id: number): Promise<Project> {
  const [project] = projectViews(context, await findProject(context.db, context.tenantId, id));
  if (project === undefined) throw new ServiceError("not_found", "There is no such project.");
  return project;
}

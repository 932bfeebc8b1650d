import type { Project } from "../../../contracts/project.ts";
import type { ServiceDeps } from "../../context.ts";
import type { ProjectRow } from "../../db/stores/project.ts";
import { repositoryView } from "../connector/repository-view.ts";

/** Projects as the API shows them, from rows of one project and one repository each, in the order of the rows. */
export function projectViews(deps: Pick<ServiceDeps, "deployment">, rows: readonly ProjectRow[]): readonly Project[] {
  const projects = new Map<number, Project>();
  for (const row of rows) {
    const known = projects.get(row.project.id) ?? { ...row.project, id: String(row.project.id), repositories: [] };
    if (row.repository !== null) known.repositories.push(repositoryView(deps, row.repository));
    projects.set(row.project.id, known);
  }
  return [...projects.values()];
}

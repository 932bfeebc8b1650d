import type { Project } from "../../../contracts/project.ts";
import type { ServiceDeps } from "../../context.ts";
import type { ProjectRow } from "../../db/stores/project.ts";
import { repositoryView } from "../connector/repository-view.ts";

/**
 * Projects as the API shows them, from rows of one project and one repository each, in the order of the rows. A repository that the viewer does
 * not see is counted and not named.
 */
export function projectViews(deps: Pick<ServiceDeps, "deployment">, rows: readonly ProjectRow[]): readonly Project[] {
  const projects = new Map<number, Project>();
  for (const row of rows) {
    const empty = { ...row.project, id: String(row.project.id), repositories: [], hiddenRepositoryCount: 0 };
    const known = projects.get(row.project.id) ?? empty;
    if (row.repository !== null && row.isSeen === 0) known.hiddenRepositoryCount += 1;
    else if (row.repository !== null) known.repositories.push(repositoryView(deps, row.repository));
    projects.set(row.project.id, known);
  }
  return [...projects.values()];
}

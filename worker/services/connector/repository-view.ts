import type { Repository } from "../../../contracts/project.ts";
import type { ServiceDeps } from "../../context.ts";

/** A repository's row, as the stores read it. */
export interface RepositoryRow {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly description: string | null;
  readonly isPrivate: boolean;
  readonly primaryLanguage: string | null;
}

/** A repository as the API shows it, with its page at the forge. */
export function repositoryView(deps: Pick<ServiceDeps, "deployment">, row: RepositoryRow): Repository {
  return { ...row, id: String(row.id), url: `${deps.deployment.forgeUrl}/${row.owner}/${row.name}` };
}

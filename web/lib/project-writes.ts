import type { QueryClient } from "@tanstack/react-query";
import type { Project, UpdateProject } from "../../contracts/project.ts";
import { api, asApiError, bodyOf } from "./api.ts";
import { withProject } from "./projects.ts";
import { projectQuery, projectsQuery } from "./queries.ts";
import { toast } from "./toast.ts";

/** Takes a project as the server has it now into everything that shows it. */
export function putProject(queryClient: QueryClient, project: Project): void {
  queryClient.setQueryData(projectQuery(project.id).queryKey, project);
  queryClient.setQueryData(projectsQuery.queryKey, (list) => (list === undefined ? list : withProject(list, project)));
}

/** Takes the fields of a project that a board's changes bring into everything else that shows it. */
export function noteProject(
  queryClient: QueryClient,
  { archivedAtMs, description, id, key, name }: Pick<Project, "archivedAtMs" | "description" | "id" | "key" | "name">,
): void {
  const noted = (project: Project): Project => ({ ...project, archivedAtMs, description, key, name });
  queryClient.setQueryData(projectQuery(id).queryKey, (known) => (known === undefined ? known : noted(known)));
  queryClient.setQueryData(projectsQuery.queryKey, (list) =>
    list?.map((each) => (each.id === id ? noted(each) : each)),
  );
}

/** Changes fields of a project. Throws what the request throws. */
export async function changeProject(queryClient: QueryClient, id: string, body: UpdateProject): Promise<Project> {
  const project = await bodyOf(api.PATCH("/api/projects/{id}", { params: { path: { id } }, body }));
  putProject(queryClient, project);
  return project;
}

/** Archives a project and offers to undo it, or unarchives it. A refusal is told with its reason. */
export async function setArchived(
  queryClient: QueryClient,
  { id, name }: Pick<Project, "id" | "name">,
  isArchived: boolean,
): Promise<void> {
  const toastId = `archived-${id}`;
  try {
    await changeProject(queryClient, id, { isArchived });
  } catch (error) {
    const title = `${name} was not ${isArchived ? "archived" : "unarchived"}`;
    toast({ id: toastId, title, detail: asApiError(error).message });
    return;
  }
  if (isArchived)
    toast({
      id: toastId,
      title: `${name} was archived`,
      detail: "Its board can be read; nothing of it can be changed.",
      action: { label: "Undo", run: () => void setArchived(queryClient, { id, name }, false) },
    });
}

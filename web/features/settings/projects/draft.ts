import type { Project, UpdateProject } from "../../../../contracts/project.ts";

/** The fields of a project that are typed. */
export type ProjectField = "name" | "key" | "description";
/** What was typed; an absent field follows the server. */
export type ProjectDraft = Readonly<Partial<Record<ProjectField, string>>>;
export const projectFields: readonly ProjectField[] = ["name", "key", "description"];

/** The request that saves a draft: the fields that differ from the project; null when none does. */
export function changeOf(project: Pick<Project, ProjectField>, draft: ProjectDraft): UpdateProject | null {
  const changed = projectFields.filter((field) => {
    const typed = draft[field];
    return typed !== undefined && (field === "name" ? typed.trim() : typed) !== project[field];
  });
  return changed.length === 0 ? null : Object.fromEntries(changed.map((field) => [field, draft[field]]));
}

/** What is left of a draft once these fields of it were saved: what was typed since then. */
export function afterSave(draft: ProjectDraft, saved: UpdateProject): ProjectDraft {
  return Object.fromEntries(Object.entries(draft).filter(([field, text]) => saved[field as ProjectField] !== text));
}

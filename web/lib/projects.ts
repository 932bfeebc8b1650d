import type { Project } from "../../contracts/project.ts";

type Archivable = Pick<Project, "archivedAtMs">;

/** Why nothing of an archived project can be changed. */
export const archivedRefusal = "This project is archived. Unarchive it to change it.";

/** Whether a project takes changes. */
export function isOpen({ archivedAtMs }: Archivable): boolean {
  return archivedAtMs === null;
}

/** Why a person may not change something of a project: it is archived, or their role's own refusal; null when they may. */
export function refusalIn(project: Archivable, roleRefusal: string | null): string | null {
  return isOpen(project) ? roleRefusal : archivedRefusal;
}

/** The projects with the archived ones behind the others. */
export function openFirst<T extends Archivable>(projects: readonly T[]): readonly T[] {
  return [...projects.filter(isOpen), ...projects.filter((each) => !isOpen(each))];
}

/** The list with a project as it is now; one that it does not have comes last. */
export function withProject(projects: readonly Project[], project: Project): Project[] {
  return projects.some(({ id }) => id === project.id)
    ? projects.map((each) => (each.id === project.id ? project : each))
    : [...projects, project];
}

/** A key for a project of this name: the first letters of its words, or of the only one; empty where it has too few letters. */
export function suggestedKey(name: string): string {
  const words = name
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .toUpperCase()
    .match(/[A-Z]+/gu);
  const [first = "", second] = words ?? [];
  const key = second === undefined ? first.slice(0, 4) : (words ?? []).map((word) => word.charAt(0)).join("");
  return key.length < 2 ? "" : key.slice(0, 6);
}

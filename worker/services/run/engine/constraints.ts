import { pathAllowance } from "../../../../domain/policy/allowed-paths.ts";
import type { RunView } from "../../../../domain/run/fold.ts";
import type { AllowedTools } from "../tools/registry.ts";

type Created = Pick<RunView, "created">;

/** The tools that the run's start holds it to; null: all. */
export function allowedTools({ created }: Created): AllowedTools {
  return created?.constraints?.tools ?? null;
}

/** Whether the run may change a path of its repository. */
export function mayChange({ created }: Created): (path: string) => boolean {
  return pathAllowance(created?.constraints?.paths ?? undefined);
}

/** The allowed paths in words, for the model and for people. */
export function allowedPathsText({ created }: Created): string {
  return (created?.constraints?.paths ?? []).join(", ");
}

/**
 * Changed paths, from the workspace's root, that the run may not change. A shell can reach them, so they are looked for in the work
 * itself.
 */
export function forbiddenChanges(view: Created, paths: readonly string[]): readonly string[] {
  const allows = mayChange(view);
  return paths.filter((path) => !allows(path));
}

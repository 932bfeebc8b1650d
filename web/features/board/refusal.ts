import type { PermissionName } from "../../../domain/tenancy/permissions.ts";
import { useProjectRefusal } from "../../lib/me.ts";
import { useBoardParts } from "./parts.ts";
import { useBoard } from "./store.ts";

/**
 * Why the signed-in person may not do this on the board around this component, as it is now: its project is archived, or their role is too
 * low; null when they may. Every part of the board's page asks this and nothing else.
 */
export function useBoardRefusal(permission: PermissionName): string | null {
  const { store } = useBoardParts();
  return useProjectRefusal(
    useBoard(store, ({ model }) => model.project),
    permission,
  );
}

/** Whether they may. */
export function useMayOnBoard(permission: PermissionName): boolean {
  return useBoardRefusal(permission) === null;
}

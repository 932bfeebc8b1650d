import type { BoardsWritten } from "../../../contracts/board.ts";
import type { LayoutEdit } from "../../../domain/board/layout.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { readBoards } from "../../db/stores/board-layout.ts";
import { writeBoard } from "./write-board.ts";

/**
 * Changes a project's boards or their columns. `project.update`. `not_found` without the project, board or column; `conflict` for one that
 * has tickets, for the last board and the last column of its kind, and when the project is archived.
 */
export async function changeLayout(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  edit: LayoutEdit,
): Promise<BoardsWritten> {
  requirePermission(scope, "project.update");
  await writeBoard(deps, scope, projectId, { kind: "layout", edit });
  return readBoards(deps.db, { tenantId: scope.tenantId, projectId });
}

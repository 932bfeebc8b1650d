import type { AddColumn, BoardColumn, BoardLayout, EditColumn } from "../../../../contracts/board.ts";
import { api, asApiError, bodyOf } from "../../../lib/api.ts";
import { toast } from "../../../lib/toast.ts";

/** Changes of a project's boards. The page shows each when it comes from the server, as everybody else's pages do. */
export function layoutWrites(projectId: string) {
  const path = { id: projectId };
  const addColumn = async (boardId: string, body: AddColumn) =>
    bodyOf(api.POST("/api/projects/{id}/boards/{boardId}/columns", { params: { path: { ...path, boardId } }, body }));
  return {
    addColumn,
    addBoard: async (name: string) =>
      bodyOf(api.POST("/api/projects/{id}/boards", { params: { path }, body: { name } })),
    renameBoard: async (boardId: string, name: string) =>
      bodyOf(
        api.PATCH("/api/projects/{id}/boards/{boardId}", { params: { path: { ...path, boardId } }, body: { name } }),
      ),
    deleteBoard: async ({ id, name }: BoardLayout) =>
      told(`board-${id}`, `${name} was not deleted`, () =>
        bodyOf(api.DELETE("/api/projects/{id}/boards/{boardId}", { params: { path: { ...path, boardId: id } } })),
      ),
    editColumn: async (columnId: string, body: EditColumn) =>
      bodyOf(api.PATCH("/api/projects/{id}/columns/{columnId}", { params: { path: { ...path, columnId } }, body })),
    /** Removes a column, and offers to undo it. */
    removeColumn: async (boardId: string, { id, name, stage, wipLimit }: BoardColumn, after: string | null) => {
      const done = await told(`column-${id}`, `${name} was not removed`, () =>
        bodyOf(api.DELETE("/api/projects/{id}/columns/{columnId}", { params: { path: { ...path, columnId: id } } })),
      );
      if (!done) return;
      const undo = () =>
        void told(`column-${id}`, `${name} did not come back`, () =>
          addColumn(boardId, { name, stage, wipLimit, after }),
        );
      toast({
        id: `column-${id}`,
        title: `The column ${name} was removed`,
        detail: "It had no tickets.",
        action: { label: "Undo", run: undo },
      });
    },
  };
}

export type LayoutWrites = ReturnType<typeof layoutWrites>;

/** Does a write and says so where it fails. Returns whether it was done. */
async function told(id: string, title: string, write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    toast({ id, title, detail: asApiError(error).message });
    return false;
  }
}

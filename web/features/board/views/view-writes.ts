import { useQueryClient } from "@tanstack/react-query";
import type { BoardView, EditView } from "../../../../contracts/board-view.ts";
import { api, asApiError, bodyOf, done } from "../../../lib/api.ts";
import { viewsQuery } from "../../../lib/queries.ts";
import { toast } from "../../../lib/toast.ts";

/** Fields that are shown as changed before the server has answered. */
type Shown = Pick<BoardView, "query"> | Pick<BoardView, "isShared">;
const fieldsOf = ({ isShared, name, query }: BoardView) => ({ isShared, name, query });
const byName = (a: BoardView, b: BoardView) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** The writes of saved views: each is shown at once where it can be undone, and told where it failed. */
export function useViewWrites(projectId: string) {
  const queryClient = useQueryClient();
  const { queryKey } = viewsQuery(projectId);
  const set = (change: (views: readonly BoardView[]) => readonly BoardView[]) =>
    queryClient.setQueryData(queryKey, (before) => (before === undefined ? before : [...change(before)]));
  const put = (view: BoardView) => set((views) => [...views.filter(({ id }) => id !== view.id), view].toSorted(byName));
  const create = async (body: { readonly name: string; readonly query: string; readonly isShared: boolean }) => {
    const params = { path: { id: projectId } };
    const view = await bodyOf(api.POST("/api/projects/{id}/views", { params, body }));
    put(view);
    return view;
  };
  const edit = async (id: string, body: EditView) => {
    const view = await bodyOf(api.PATCH("/api/views/{id}", { params: { path: { id } }, body }));
    put(view);
    return view;
  };
  const tell = (view: BoardView, what: string, error: unknown) =>
    toast({ id: `view-${view.id}`, title: `${view.name} was not ${what}`, detail: asApiError(error).message });
  return {
    create,
    edit,
    tryEdit: async (view: BoardView, body: Shown) => {
      put({ ...view, ...body });
      try {
        await edit(view.id, body);
      } catch (error) {
        put(view);
        tell(view, "changed", error);
      }
    },
    /** Deletes a view and offers to bring it back; somebody else's comes back as one's own. */
    remove: async (view: BoardView, isOwn: boolean) => {
      set((views) => views.filter(({ id }) => id !== view.id));
      try {
        await done(api.DELETE("/api/views/{id}", { params: { path: { id: view.id } } }));
        toast({
          id: `view-${view.id}`,
          title: `The view ${view.name} was deleted`,
          detail: isOwn ? "" : "Undo brings it back as a view of yours.",
          action: {
            label: "Undo",
            run: () => void create(fieldsOf(view)).catch((error: unknown) => tell(view, "brought back", error)),
          },
        });
      } catch (error) {
        put(view);
        tell(view, "deleted", error);
      }
    },
  };
}

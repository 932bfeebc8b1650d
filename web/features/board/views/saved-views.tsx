import { useQuery } from "@tanstack/react-query";
import { Bookmark, Check, Pencil, Plus, RefreshCw, Share2, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import type { BoardView } from "../../../../contracts/board-view.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { Menu, MenuItem, MenuRule } from "../../../components/ui/menu.tsx";
import { useMe } from "../../../lib/me.ts";
import { viewsQuery } from "../../../lib/queries.ts";
import { useBoardRefusal, useMayOnBoard } from "../refusal.ts";
import { queryOf, type BoardAddress } from "./address.ts";
import { NameDialog, type Naming } from "./name-dialog.tsx";
import { useViewWrites } from "./view-writes.ts";

interface SavedViewsProps {
  readonly projectId: string;
  readonly address: BoardAddress;
}

/** A menu of the saved views: shows one, and saves, changes, shares, renames and deletes. */
export function SavedViews({ address, projectId }: SavedViewsProps) {
  const writes = useViewWrites(projectId);
  const refusal = useBoardRefusal("view.save");
  const [naming, setNaming] = useState<Naming | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const current = useCurrentView(projectId, queryOf(address.search));
  const save = async (name: string, isShared: boolean) => {
    const saved =
      naming?.kind === "rename"
        ? await writes.edit(naming.view.id, { name, isShared })
        : await writes.create({ name, isShared, query: current.query });
    current.choose(saved.id);
  };
  return (
    <>
      <Menu
        align="end"
        className="w-72"
        trigger={
          <Button ref={button} look="ghost" size="sm" className="max-w-56">
            <Bookmark className="size-3.5 shrink-0" aria-hidden />
            <span className="truncate">{current.view?.name ?? "Views"}</span>
            {current.isChanged && <Tag tone="amber">changed</Tag>}
          </Button>
        }
      >
        <ViewEntries current={current} address={address} />
        <CurrentActions current={current} writes={writes} onRename={(view) => setNaming({ kind: "rename", view })} />
        <MenuRule />
        <MenuItem onSelect={() => setNaming({ kind: "new" })} disabled={refusal !== null}>
          <Plus className="size-4 shrink-0" aria-hidden />
          {refusal === null ? "Save as a new view…" : `Save as a new view: ${refusal}`}
        </MenuItem>
      </Menu>
      {naming !== null && (
        <NameDialog naming={naming} onClose={() => setNaming(null)} returnFocus={button} onSave={save} />
      )}
    </>
  );
}

/** The saved views, and the one that is shown: that of the same query, or the one that was chosen last and differs since. */
function useCurrentView(projectId: string, query: string) {
  const views = useQuery(viewsQuery(projectId));
  const [chosenId, choose] = useState<string | null>(null);
  const items = views.data ?? [];
  const equal = items.filter((view) => view.query === query);
  const exact = equal.find(({ id }) => id === chosenId) ?? equal[0];
  const view = exact ?? items.find(({ id }) => id === chosenId);
  return { views, items, query, view, isChanged: view !== undefined && exact === undefined, choose };
}

interface ViewEntriesProps {
  readonly current: ReturnType<typeof useCurrentView>;
  readonly address: BoardAddress;
}

function ViewEntries({ address, current }: ViewEntriesProps) {
  const { items, view: shown, views } = current;
  if (views.isPending) return <p className="px-2 py-1.5 text-xs text-muted">Loading…</p>;
  if (views.isError && items.length === 0)
    return (
      <>
        <p className="px-2 py-1.5 text-xs text-red">The saved views were not loaded.</p>
        <MenuItem onSelect={() => void views.refetch()}>Try again</MenuItem>
      </>
    );
  if (items.length === 0)
    return (
      <p className="px-2 py-1.5 text-xs text-muted">
        A saved view keeps filters, order and kind of view. Set them, then save them here.
      </p>
    );
  return items.map((view) => (
    <ViewEntry
      key={view.id}
      view={view}
      isCurrent={view.id === shown?.id}
      onShow={() => {
        current.choose(view.id);
        address.open(view.query);
      }}
    />
  ));
}

interface ViewEntryProps {
  readonly view: BoardView;
  readonly isCurrent: boolean;
  readonly onShow: () => void;
}

function ViewEntry({ isCurrent, onShow, view }: ViewEntryProps) {
  const { me } = useMe();
  return (
    <MenuItem onSelect={onShow}>
      <Check className={isCurrent ? "size-4 shrink-0 text-lime-text" : "invisible size-4 shrink-0"} aria-hidden />
      <span className="min-w-0 flex-1">
        <span className="block truncate">{view.name}</span>
        {view.isShared && (
          <span className="block text-xs text-muted">
            {view.owner.id === me.user.id ? "Shared by you" : `Shared by ${view.owner.name}`}
          </span>
        )}
      </span>
      {isCurrent && <span className="sr-only">shown now</span>}
    </MenuItem>
  );
}

interface CurrentActionsProps {
  readonly current: ReturnType<typeof useCurrentView>;
  readonly writes: ReturnType<typeof useViewWrites>;
  readonly onRename: (view: BoardView) => void;
}

/** The things to do with the view that is shown: its owner changes it, and an administrator may delete a shared one. */
function CurrentActions({ current: { isChanged, query, view }, onRename, writes }: CurrentActionsProps) {
  const { me } = useMe();
  const mayOwn = useMayOnBoard("view.save");
  const mayManage = useMayOnBoard("view.manage");
  if (view === undefined) return null;
  const isOwn = mayOwn && view.owner.id === me.user.id;
  if (!isOwn && !mayManage) return null;
  return (
    <>
      <MenuRule />
      {isOwn && isChanged && (
        <MenuItem onSelect={() => void writes.tryEdit(view, { query })}>
          <RefreshCw className="size-4" aria-hidden />
          Save the changes in it
        </MenuItem>
      )}
      {isOwn && (
        <MenuItem onSelect={() => onRename(view)}>
          <Pencil className="size-4" aria-hidden />
          Rename…
        </MenuItem>
      )}
      {isOwn && (
        <MenuItem onSelect={() => void writes.tryEdit(view, { isShared: !view.isShared })}>
          <Share2 className="size-4" aria-hidden />
          {view.isShared ? "Stop sharing" : "Share with everybody"}
        </MenuItem>
      )}
      <MenuItem onSelect={() => void writes.remove(view, isOwn)}>
        <Trash2 className="size-4" aria-hidden />
        Delete this view
      </MenuItem>
    </>
  );
}

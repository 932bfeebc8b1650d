import { Plus } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { BoardLayout } from "../../../../contracts/board.ts";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Menu, MenuItem } from "../../../components/ui/menu.tsx";
import { BoardDialog } from "./board-dialog.tsx";
import { useBoardParts } from "../parts.ts";
import { useMayOnBoard } from "../refusal.ts";
import { useBoard } from "../store.ts";
import { layoutWrites } from "./layout-writes.ts";

interface BoardTabsProps {
  readonly shown: BoardLayout;
  readonly onShow: (id: string) => void;
}

/** A project's boards: which one is shown, another one, and a new one. */
export function BoardTabs({ shown, onShow }: BoardTabsProps) {
  const { store } = useBoardParts();
  const boards = useBoard(store, (board) => board.boards);
  const projectId = useBoard(store, ({ model }) => model.project.id);
  const writes = useMemo(() => layoutWrites(projectId), [projectId]);
  const mayPlan = useMayOnBoard("project.update");
  const [asks, setAsks] = useState<"add" | "rename" | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  if (boards.length === 1 && !mayPlan) return null;
  return (
    <nav aria-label="Boards" className="-mt-1 flex shrink-0 items-center gap-1 overflow-x-auto px-4 pt-1 pb-2">
      {boards.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          aria-current={id === shown.id ? "page" : undefined}
          onClick={() => onShow(id)}
          className={cx(
            "h-7 shrink-0 rounded-lg px-2.5 text-sm hover:bg-hover",
            id === shown.id ? "bg-panel font-medium" : "text-muted",
          )}
        >
          {name}
        </button>
      ))}
      {mayPlan && (
        <Menu
          trigger={
            <Button ref={button} look="ghost" size="icon" className="size-7" aria-label="Boards: menu" title="Boards">
              <Plus className="size-4" aria-hidden />
            </Button>
          }
        >
          <MenuItem onSelect={() => setAsks("add")}>Add board…</MenuItem>
          <MenuItem onSelect={() => setAsks("rename")}>Rename {shown.name}…</MenuItem>
          <MenuItem onSelect={() => void writes.deleteBoard(shown)} disabled={boards.length === 1}>
            Delete {shown.name}
          </MenuItem>
        </Menu>
      )}
      {asks !== null && (
        <BoardDialog
          board={asks === "rename" ? shown : null}
          onClose={() => setAsks(null)}
          returnFocus={button}
          onSave={async (name) => {
            if (asks === "rename") return void (await writes.renameBoard(shown.id, name));
            const { boards: all } = await writes.addBoard(name);
            onShow(all.at(-1)?.id ?? shown.id);
          }}
        />
      )}
    </nav>
  );
}

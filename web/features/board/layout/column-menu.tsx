import { Ellipsis } from "lucide-react";
import { useRef, useState } from "react";
import type { BoardColumn, BoardLayout } from "../../../../contracts/board.ts";
import { Button } from "../../../components/ui/button.tsx";
import { Menu, MenuItem } from "../../../components/ui/menu.tsx";
import { useBoardParts } from "../parts.ts";
import { ColumnDialog } from "./column-dialog.tsx";
import type { LayoutWrites } from "./layout-writes.ts";

interface ColumnMenuProps {
  readonly board: BoardLayout;
  readonly column: BoardColumn;
  /** How many tickets the column has. */
  readonly total: number;
  readonly writes: LayoutWrites;
}

/** The things that can be done with a column. */
export function ColumnMenu({ board, column, total, writes }: ColumnMenuProps) {
  const [asks, setAsks] = useState<"edit" | "add" | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const { writes: moves } = useBoardParts();
  const at = board.columns.findIndex(({ id }) => id === column.id);
  const idAt = (index: number): string | null => board.columns[index]?.id ?? null;
  const refusal = removalRefusal(board, column, total);
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button
            ref={button}
            look="ghost"
            size="icon"
            className="ml-auto size-7"
            aria-label={`Column ${column.name}: menu`}
          >
            <Ellipsis className="size-4" aria-hidden />
          </Button>
        }
      >
        <MenuItem onSelect={() => setAsks("edit")}>Rename, limit…</MenuItem>
        <MenuItem onSelect={() => void moves.moveColumn(column, idAt(at - 2))} disabled={at === 0}>
          Move left
        </MenuItem>
        <MenuItem
          onSelect={() => void moves.moveColumn(column, idAt(at + 1))}
          disabled={at === board.columns.length - 1}
        >
          Move right
        </MenuItem>
        <MenuItem onSelect={() => setAsks("add")}>Add column to the right…</MenuItem>
        <MenuItem onSelect={() => void writes.removeColumn(board.id, column, idAt(at - 1))} disabled={refusal !== null}>
          {refusal === null ? "Remove" : `Remove: ${refusal}`}
        </MenuItem>
      </Menu>
      {asks === "edit" && (
        <ColumnDialog
          column={column}
          stage={column.stage}
          onClose={() => setAsks(null)}
          returnFocus={button}
          onSave={({ name, wipLimit }) => writes.editColumn(column.id, { name, wipLimit })}
        />
      )}
      {asks === "add" && (
        <ColumnDialog
          column={null}
          stage={column.stage}
          onClose={() => setAsks(null)}
          returnFocus={button}
          onSave={(fields) => writes.addColumn(board.id, { ...fields, after: column.id })}
        />
      )}
    </>
  );
}

/** Why a column can't be removed now; null when it can. */
function removalRefusal({ columns }: BoardLayout, { id, stage }: BoardColumn, total: number): string | null {
  if (total > 0) return total === 1 ? "it has 1 ticket" : `it has ${total} tickets`;
  const others = columns.filter((each) => each.id !== id && (each.stage === "done") === (stage === "done"));
  if (others.length > 0) return null;
  return stage === "done" ? "it is the last one for finished work" : "it is the last one for open work";
}

import { X } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import { Menu, MenuItem } from "../../components/ui/menu.tsx";
import type { BoardColumn } from "../../../contracts/board.ts";

interface SelectionBarProps {
  readonly count: number;
  readonly layout: readonly Pick<BoardColumn, "id" | "name">[];
  readonly mayMove: boolean;
  readonly onMove: (column: string) => void;
  readonly onClear: () => void;
}

/** How many tickets are selected, and a move of all of them without a drag. */
export function SelectionBar({ count, layout, mayMove, onMove, onClear }: SelectionBarProps) {
  return (
    <div
      role="toolbar"
      aria-label="Selected tickets"
      className="absolute bottom-4 left-1/2 z-20 flex -translate-x-1/2 items-center gap-2 rounded-xl border border-line-strong bg-raised py-1.5 pr-1.5 pl-3.5 shadow-pop"
    >
      <span className="tabular font-medium whitespace-nowrap" role="status">
        {count} selected
      </span>
      {mayMove && (
        <Menu side="top" trigger={<Button size="sm">Move to</Button>}>
          {layout.map(({ id, name }) => (
            <MenuItem key={id} onSelect={() => onMove(id)}>
              {name}
            </MenuItem>
          ))}
        </Menu>
      )}
      <Button
        look="ghost"
        size="icon"
        className="size-7"
        onClick={onClear}
        aria-label="Clear the selection"
        title="Clear (Esc)"
      >
        <X className="size-4" aria-hidden />
      </Button>
    </div>
  );
}

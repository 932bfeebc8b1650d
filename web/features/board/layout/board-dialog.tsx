import { useState, type RefObject } from "react";
import type { BoardLayout } from "../../../../contracts/board.ts";
import { FormDialog, NameField } from "../../../components/ui/form-dialog.tsx";

interface BoardDialogProps {
  /** The board to rename; null for a new one. */
  readonly board: BoardLayout | null;
  readonly onClose: () => void;
  readonly returnFocus: RefObject<HTMLElement | null>;
  readonly onSave: (name: string) => Promise<void>;
}

/** Asks for a board's name. */
export function BoardDialog({ board, onClose, onSave, returnFocus }: BoardDialogProps) {
  const [name, setName] = useState(board?.name ?? "");
  return (
    <FormDialog
      title={board === null ? "Add a board" : "Rename the board"}
      action={board === null ? "Add board" : "Save"}
      isComplete={name.trim() !== ""}
      kept="The name is still here."
      onSave={() => onSave(name.trim())}
      onClose={onClose}
      returnFocus={returnFocus}
    >
      <NameField value={name} onChange={setName} maxLength={60} />
    </FormDialog>
  );
}

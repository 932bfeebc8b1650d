import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import type { BoardLayout } from "../../../../contracts/board.ts";
import { Button } from "../../../components/ui/button.tsx";
import { Dialog } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";

interface BoardDialogProps {
  /** The board to rename; null for a new one. */
  readonly board: BoardLayout | null;
  readonly onClose: () => void;
  readonly onSave: (name: string) => Promise<void>;
}

/** Asks for a board's name. */
export function BoardDialog({ board, onClose, onSave }: BoardDialogProps) {
  const [name, setName] = useState(board?.name ?? "");
  const save = useMutation({ mutationFn: async () => onSave(name.trim()), onSuccess: onClose });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim() !== "" && !save.isPending) save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={board === null ? "Add a board" : "Rename the board"}
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <label className="flex flex-col gap-1">
          <span className="text-xs text-muted">Name</span>
          <input
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={60}
            className="h-9 rounded-lg border border-line-strong bg-bg px-3"
          />
        </label>
        {save.isError && <Failure error={save.error} kept="The name is still here." />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={save.isPending} disabled={name.trim() === ""}>
            {board === null ? "Add board" : "Save"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

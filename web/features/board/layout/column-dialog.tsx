import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import type { BoardColumn } from "../../../../contracts/board.ts";
import type { TicketStage } from "../../../../contracts/project.ts";
import { Button } from "../../../components/ui/button.tsx";
import { Dialog } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { stageLabels } from "../../../lib/words.ts";
import { Select } from "../select.tsx";

interface ColumnFields {
  readonly name: string;
  readonly stage: TicketStage;
  readonly wipLimit: number | null;
}

interface ColumnDialogProps {
  /** The column that is edited; null for a new one. */
  readonly column: BoardColumn | null;
  /** The stage that a new one begins with. */
  readonly stage: TicketStage;
  readonly onClose: () => void;
  readonly onSave: (fields: ColumnFields) => Promise<unknown>;
}

const input = "h-9 w-full rounded-lg border border-line-strong bg-bg px-3";

/** Asks for a column's name, its limit, and the stage of a new one. */
export function ColumnDialog({ column, stage: first, onClose, onSave }: ColumnDialogProps) {
  const [name, setName] = useState(column?.name ?? "");
  const [stage, setStage] = useState(first);
  const [limit, setLimit] = useState(column?.wipLimit?.toString() ?? "");
  const wipLimit = limit.trim() === "" ? null : Number(limit);
  const save = useMutation({
    mutationFn: async () => onSave({ name: name.trim(), stage, wipLimit }),
    onSuccess: onClose,
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim() !== "" && !save.isPending) save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={column === null ? "Add a column" : "Edit the column"}
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <label className="flex flex-col gap-1">
          <span className="text-xs text-muted">Name</span>
          <input
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={60}
            className={input}
          />
        </label>
        {column === null && (
          <label className="flex flex-col gap-1">
            <span className="text-xs text-muted">Stage of work that its tickets are in</span>
            <Select label="Stage" value={stage} options={stageLabels} onChange={setStage} />
          </label>
        )}
        <label className="flex flex-col gap-1">
          <span className="text-xs text-muted">Most tickets at once; empty for no limit</span>
          <input
            type="number"
            min={1}
            max={999}
            value={limit}
            onChange={(event) => setLimit(event.target.value)}
            className={input}
          />
        </label>
        {save.isError && <Failure error={save.error} kept="What you typed is kept." />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={save.isPending} disabled={name.trim() === ""}>
            {column === null ? "Add column" : "Save"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

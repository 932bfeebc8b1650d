import { useState, type RefObject } from "react";
import type { BoardColumn } from "../../../../contracts/board.ts";
import type { TicketStage } from "../../../../contracts/project.ts";
import { fieldClass, FormDialog, NameField } from "../../../components/ui/form-dialog.tsx";
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
  readonly returnFocus: RefObject<HTMLElement | null>;
  readonly onSave: (fields: ColumnFields) => Promise<unknown>;
}

/** Asks for a column's name, its limit, and the stage of a new one. */
export function ColumnDialog({ column, stage: first, onClose, onSave, returnFocus }: ColumnDialogProps) {
  const [name, setName] = useState(column?.name ?? "");
  const [stage, setStage] = useState(first);
  const [limit, setLimit] = useState(column?.wipLimit?.toString() ?? "");
  const wipLimit = limit.trim() === "" ? null : Number(limit);
  return (
    <FormDialog
      title={column === null ? "Add a column" : "Edit the column"}
      action={column === null ? "Add column" : "Save"}
      isComplete={name.trim() !== ""}
      kept="What you typed is kept."
      onSave={() => onSave({ name: name.trim(), stage, wipLimit })}
      onClose={onClose}
      returnFocus={returnFocus}
    >
      <NameField value={name} onChange={setName} maxLength={60} />
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
          className={fieldClass}
        />
      </label>
    </FormDialog>
  );
}

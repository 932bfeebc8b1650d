import { useState, type RefObject } from "react";
import type { BoardView } from "../../../../contracts/board-view.ts";
import { FormDialog, NameField } from "../../../components/ui/form-dialog.tsx";

/** The view to name: a new one of the present query, or one that exists. */
export type Naming = { readonly kind: "new" } | { readonly kind: "rename"; readonly view: BoardView };

interface NameDialogProps {
  readonly naming: Naming;
  readonly onClose: () => void;
  readonly returnFocus: RefObject<HTMLElement | null>;
  readonly onSave: (name: string, isShared: boolean) => Promise<void>;
}

/** Asks for a view's name and whether it is shared. */
export function NameDialog({ naming, onClose, onSave, returnFocus }: NameDialogProps) {
  const known = naming.kind === "rename" ? naming.view : null;
  const [name, setName] = useState(known?.name ?? "");
  const [isShared, setShared] = useState(known?.isShared ?? false);
  return (
    <FormDialog
      title={known === null ? "Save this view" : "Rename the view"}
      action="Save"
      isComplete={name.trim() !== ""}
      kept="The name is still here."
      onSave={() => onSave(name.trim(), isShared)}
      onClose={onClose}
      returnFocus={returnFocus}
    >
      <NameField value={name} onChange={setName} maxLength={100} placeholder="My urgent bugs" />
      <label className="flex items-center gap-2">
        <input type="checkbox" checked={isShared} onChange={(event) => setShared(event.target.checked)} />
        Share it with everybody in this tenant
      </label>
    </FormDialog>
  );
}

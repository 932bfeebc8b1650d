import { useMutation } from "@tanstack/react-query";
import { useState, type SubmitEvent } from "react";
import type { BoardView } from "../../../../contracts/board-view.ts";
import { Button } from "../../../components/ui/button.tsx";
import { Dialog } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";

/** The view to name: a new one of the present query, or one that exists. */
export type Naming = { readonly kind: "new" } | { readonly kind: "rename"; readonly view: BoardView };

interface NameDialogProps {
  readonly naming: Naming;
  readonly onClose: () => void;
  readonly onSave: (name: string, isShared: boolean) => Promise<void>;
}

/** Asks for a view's name and whether it is shared. */
export function NameDialog({ naming, onClose, onSave }: NameDialogProps) {
  const known = naming.kind === "rename" ? naming.view : null;
  const [name, setName] = useState(known?.name ?? "");
  const [isShared, setShared] = useState(known?.isShared ?? false);
  const save = useMutation({ mutationFn: () => onSave(name.trim(), isShared), onSuccess: onClose });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim() !== "" && !save.isPending) save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={known === null ? "Save this view" : "Rename the view"}
    >
      <form onSubmit={submit} className="flex flex-col gap-3">
        <label className="flex flex-col gap-1">
          <span className="text-xs text-muted">Name</span>
          <input
            value={name}
            onChange={(event) => setName(event.target.value)}
            maxLength={100}
            placeholder="My urgent bugs"
            className="h-9 rounded-lg border border-line-strong bg-bg px-3"
          />
        </label>
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={isShared} onChange={(event) => setShared(event.target.checked)} />
          Share it with everybody in this tenant
        </label>
        {save.isError && <Failure error={save.error} kept="The name is still here." />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={save.isPending} disabled={name.trim() === ""}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

import { useMutation } from "@tanstack/react-query";
import type { ReactNode, RefObject, SubmitEvent } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Failure } from "./notices.tsx";

interface FormDialogProps {
  readonly title: string;
  /** The words on the button that saves. */
  readonly action: string;
  /** Whether the fields can be saved as they are. */
  readonly isComplete: boolean;
  /** The reassurance beside an error: nothing that was typed is gone. */
  readonly kept: string;
  readonly onSave: () => Promise<unknown>;
  readonly onClose: () => void;
  /** The menu's button that it was opened from, which gets the focus back. */
  readonly returnFocus: RefObject<HTMLElement | null>;
  readonly children: ReactNode;
}

/** A dialog of a few fields. It closes once they are saved; an error leaves it open with what was typed. */
export function FormDialog({
  action,
  children,
  isComplete,
  kept,
  onClose,
  onSave,
  returnFocus,
  title,
}: FormDialogProps) {
  const save = useMutation({ mutationFn: onSave, onSuccess: onClose });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (isComplete && !save.isPending) save.mutate();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title} returnFocus={returnFocus}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        {children}
        {save.isError && <Failure error={save.error} kept={kept} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={save.isPending} disabled={!isComplete}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The classes of a text field in such a dialog. */
export const fieldClass = "h-9 w-full rounded-lg border border-line-strong bg-bg px-3";

interface NameFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly maxLength: number;
  readonly placeholder?: string;
}

/** The field for a name, which has the focus when the dialog opens. */
export function NameField({ maxLength, onChange, placeholder, value }: NameFieldProps) {
  return (
    <label className="flex flex-col gap-1">
      <span className="text-xs text-muted">Name</span>
      <input
        autoFocus
        value={value}
        onChange={(event) => onChange(event.target.value)}
        maxLength={maxLength}
        placeholder={placeholder}
        className={fieldClass}
      />
    </label>
  );
}

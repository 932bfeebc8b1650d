import type { ReactNode } from "react";
import { Button } from "../../../../components/ui/button.tsx";
import { Failure } from "../../../../components/ui/notices.tsx";
import type { Removals, Removed } from "./removals.ts";

interface DeletedPartProps<Part extends { readonly id: string; readonly ticketId: string }> {
  readonly removed: Removed<Part>;
  readonly removals: Removals<Part>;
  /** The id of the element that is in this place once the part is back; it gets the focus. */
  readonly placeId: string;
  readonly children: ReactNode;
  readonly className: string;
}

/** The place of a comment or a file that was deleted here, with the way to bring it back. */
export function DeletedPart<Part extends { readonly id: string; readonly ticketId: string }>({
  removed: { error, part, step },
  removals,
  placeId,
  children,
  className,
}: DeletedPartProps<Part>) {
  const undo = async () => {
    await removals.restore(part);
    document.getElementById(placeId)?.focus();
  };
  return (
    <li className={className}>
      <div className="flex min-h-9 items-center gap-3 rounded-lg border border-dashed border-line px-3 text-muted">
        <span role="status" className="min-w-0 truncate">
          {children}
        </span>
        <Button look="ghost" size="sm" autoFocus busy={step === "restoring"} onClick={() => void undo()}>
          Undo
        </Button>
      </div>
      {error !== null && <Failure error={error} kept="It stays deleted for now." className="mt-2" />}
    </li>
  );
}

import { useBlocker } from "@tanstack/react-router";
import { useCallback, useState, type ReactNode } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Dialog } from "../../components/ui/dialog.tsx";

interface Unsaved {
  /** Notes whether the part of this name has text that is not saved. */
  readonly mark: (name: string, dirty: boolean) => void;
  /** Asks for a confirmation when the person leaves with unsaved text; to be put on the page. */
  readonly dialog: ReactNode;
}

/** Keeps a page from being left with text that is not saved, unless the person says so. */
export function useUnsaved(): Unsaved {
  const [unsaved, setUnsaved] = useState<readonly string[]>([]);
  const mark = useCallback((name: string, dirty: boolean) => {
    setUnsaved((names) =>
      names.includes(name) === dirty ? names : dirty ? [...names, name] : names.filter((each) => each !== name),
    );
  }, []);
  const blocker = useBlocker({
    shouldBlockFn: () => unsaved.length > 0,
    enableBeforeUnload: () => unsaved.length > 0,
    withResolver: true,
  });
  const dialog = (
    <Dialog
      open={blocker.status === "blocked"}
      onOpenChange={(open) => !open && blocker.reset?.()}
      title="Leave without saving?"
      description={`What you changed for ${unsaved.join(", ")} is lost when you leave.`}
      className="w-[min(27rem,calc(100vw-1.5rem))]"
    >
      <div className="flex justify-end gap-2">
        <Button look="danger" onClick={() => blocker.proceed?.()}>
          Leave
        </Button>
        <Button look="primary" autoFocus onClick={() => blocker.reset?.()}>
          Stay
        </Button>
      </div>
    </Dialog>
  );
  return { mark, dialog };
}

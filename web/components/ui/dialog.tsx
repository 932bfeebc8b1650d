import { X } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode, RefObject } from "react";
import { cx } from "./cx.ts";

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description?: string;
  readonly children: ReactNode;
  readonly className?: string;
  /** The button that opens it, if one does; focus goes back to it. */
  readonly trigger?: ReactNode;
  /** Where focus goes when it closes, for a dialog that a menu's entry has opened: the entry is gone by then. */
  readonly returnFocus?: RefObject<HTMLElement | null>;
}

const veil = "fixed inset-0 z-40 bg-black/35 data-[state=open]:animate-[skeleton_1ms]";

/** A dialog in the middle of the page. Esc and a click outside close it; focus goes back where it was. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  className,
  trigger,
  returnFocus,
}: DialogProps) {
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      {trigger !== undefined && <RadixDialog.Trigger asChild>{trigger}</RadixDialog.Trigger>}
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={veil} style={{ background: "rgb(0 0 0 / 0.38)" }} />
        <RadixDialog.Content
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          onCloseAutoFocus={(event) => {
            if (returnFocus?.current == null) return;
            event.preventDefault();
            returnFocus.current.focus();
          }}
          className={cx(
            "fixed top-[max(1rem,12vh)] left-1/2 z-50 flex max-h-[80vh] w-[min(36rem,calc(100vw-1.5rem))] -translate-x-1/2 flex-col rounded-2xl border border-line bg-raised shadow-pop",
            className,
          )}
        >
          <header className="flex items-start gap-3 px-4 pt-4">
            <div className="min-w-0 flex-1">
              <RadixDialog.Title className="text-lg font-semibold">{title}</RadixDialog.Title>
              {description !== undefined && (
                <RadixDialog.Description className="text-muted">{description}</RadixDialog.Description>
              )}
            </div>
            <RadixDialog.Close
              className="inline-flex size-7 items-center justify-center rounded-md text-muted hover:bg-hover"
              aria-label="Close"
            >
              <X className="size-4" aria-hidden />
            </RadixDialog.Close>
          </header>
          <div className="min-h-0 overflow-y-auto px-4 pt-3 pb-4">{children}</div>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

interface DrawerProps {
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
}

/** A panel from the right over the page. Esc and a click outside close it; a field with `data-keeps-escape` has Esc for itself. */
export function Drawer({ onClose, title, children }: DrawerProps) {
  return (
    <RadixDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-40" style={{ background: "rgb(0 0 0 / 0.25)" }} />
        <RadixDialog.Content
          aria-describedby={undefined}
          onEscapeKeyDown={(event) => {
            if (document.activeElement?.hasAttribute("data-keeps-escape") === true) event.preventDefault();
          }}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          className="fixed inset-y-0 right-0 z-50 flex w-[min(34rem,100vw)] flex-col border-l border-line bg-bg shadow-pop outline-none animate-drawer"
        >
          <RadixDialog.Title className="sr-only">{title}</RadixDialog.Title>
          {children}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

import { ChevronDown } from "lucide-react";
import { useId, useState, type ComponentProps, type ReactNode } from "react";
import { cx } from "../../components/ui/cx.ts";
import { Dialog } from "../../components/ui/dialog.tsx";
import { Menu } from "../../components/ui/menu.tsx";

interface ChipProps {
  readonly icon: ReactNode;
  /** The server's error for the choice, or null. */
  readonly error: string | null;
}

function Chip({ icon, error, children, ...rest }: ChipProps & ComponentProps<"button">) {
  return (
    <button
      type="button"
      className={cx(
        "flex h-7 max-w-56 items-center gap-1.5 rounded-full border px-2.5 text-xs text-soft hover:bg-hover hover:text-text data-[state=open]:bg-hover [&>svg]:size-3.5 [&>svg]:shrink-0 [&>svg]:text-muted",
        error === null ? "border-line" : "border-red-line bg-red-soft",
      )}
      aria-invalid={error !== null}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
}

/** A chip with the error under it that the server gave for its choice. */
function ChipField({ error, errorId, children }: { error: string | null; errorId: string; children: ReactNode }) {
  return (
    <span className="flex max-w-full flex-col items-start">
      {children}
      {error !== null && (
        <span id={errorId} role="alert" className="px-2 pt-0.5 text-xs text-red">
          {error}
        </span>
      )}
    </span>
  );
}

interface ChipMenuProps extends ChipProps {
  readonly name: string;
  /** The choice as the chip shows it. */
  readonly shown: string;
  /** The menu's rows. */
  readonly children: ReactNode;
}

/** A choice of a run as a chip that opens a menu. */
export function ChipMenu({ icon, name, shown, error, children }: ChipMenuProps) {
  const errorId = useId();
  return (
    <ChipField error={error} errorId={errorId}>
      <Menu
        trigger={
          <Chip
            icon={icon}
            error={error}
            aria-label={`${name}: ${shown}`}
            aria-describedby={error === null ? undefined : errorId}
            title={name}
          >
            <span className="truncate">{shown}</span>
            <ChevronDown aria-hidden className="-mr-1" />
          </Chip>
        }
      >
        {children}
      </Menu>
    </ChipField>
  );
}

interface ChipFormProps extends ChipProps {
  /** The chip's whole name for screen readers, with the present choice. */
  readonly label: string;
  readonly tooltip: string;
  readonly shown: string;
  readonly title: string;
  readonly description: string;
  /** Called before the form opens, to fill it from the present choice. */
  readonly onOpen: () => void;
  /** The form; `close` ends it. */
  readonly children: (close: () => void) => ReactNode;
}

/** A choice of a run as a chip that opens a form over the page. */
export function ChipForm(props: ChipFormProps) {
  const { icon, error, label, tooltip, shown, title, description, onOpen, children } = props;
  const [open, setOpen] = useState(false);
  const errorId = useId();
  return (
    <ChipField error={error} errorId={errorId}>
      <Dialog
        open={open}
        onOpenChange={(next) => {
          if (next) onOpen();
          setOpen(next);
        }}
        title={title}
        description={description}
        className="w-[min(30rem,calc(100vw-1.5rem))]"
        trigger={
          <Chip
            icon={icon}
            error={error}
            aria-label={label}
            aria-describedby={error === null ? undefined : errorId}
            title={tooltip}
          >
            <span className="truncate">{shown}</span>
          </Chip>
        }
      >
        {children(() => setOpen(false))}
      </Dialog>
    </ChipField>
  );
}

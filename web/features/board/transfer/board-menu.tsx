import { Ellipsis } from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import { transferFormats } from "../../../../contracts/ticket-transfer-names.ts";
import { Button } from "../../../components/ui/button.tsx";
import { Menu, MenuItem, MenuRule } from "../../../components/ui/menu.tsx";
import { exportTickets } from "./export-file.ts";

const ImportDialog = lazy(async () => ({ default: (await import("./import-dialog.tsx")).ImportDialog }));

interface BoardMenuProps {
  readonly projectId: string;
  /** Why this person may not make a ticket; null when they may. */
  readonly createRefusal: string | null;
  readonly onOpenTicket: (id: string) => void;
}

/** The board's menu of rare things: its tickets go out to a file and come in from one. */
export function BoardMenu({ createRefusal, onOpenTicket, projectId }: BoardMenuProps) {
  const [importing, setImporting] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Menu
        align="end"
        className="max-w-72"
        trigger={
          <Button ref={button} look="ghost" size="icon" aria-label="Board: menu" title="Export, import">
            <Ellipsis className="size-4" aria-hidden />
          </Button>
        }
      >
        {transferFormats.map((format) => (
          <MenuItem key={format} onSelect={() => void exportTickets(projectId, format)}>
            Export as {format.toUpperCase()}
          </MenuItem>
        ))}
        <MenuRule />
        <MenuItem onSelect={() => setImporting(true)} disabled={createRefusal !== null}>
          {createRefusal === null ? "Import tickets…" : `Import tickets: ${createRefusal}`}
        </MenuItem>
      </Menu>
      {importing && (
        <Suspense fallback={null}>
          <ImportDialog
            projectId={projectId}
            onClose={() => setImporting(false)}
            onOpenTicket={(id) => {
              setImporting(false);
              onOpenTicket(id);
            }}
            returnFocus={button}
          />
        </Suspense>
      )}
    </>
  );
}

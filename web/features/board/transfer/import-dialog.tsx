import { FileUp } from "lucide-react";
import { useId, useRef, useState, type DragEvent, type RefObject } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Dialog } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { Report } from "./report.tsx";
import { useImport, type Import, type Sending } from "./use-import.ts";

interface ImportDialogProps {
  readonly projectId: string;
  readonly onClose: () => void;
  readonly onOpenTicket: (id: string) => void;
  readonly returnFocus: RefObject<HTMLElement | null>;
}

const sendingWords: Record<Sending["kind"], string> = {
  check: "Looking at each line. Nothing is written yet.",
  write: "Writing the tickets.",
};

/** Takes tickets from a file: the file is looked at first, and can be imported when no line of it is refused. */
export function ImportDialog({ onClose, onOpenTicket, projectId, returnFocus }: ImportDialogProps) {
  const run = useImport(projectId);
  const { error, file, problem, report, sending } = run;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Import tickets"
      description="From CSV or JSON, as the export writes them. Nothing is written before you have seen what comes of each line."
      className="w-[min(52rem,calc(100vw-1.5rem))]!"
      returnFocus={returnFocus}
    >
      <div className="flex flex-col gap-3">
        {report?.applied !== true && <FileChoice run={run} />}
        {problem !== null && (
          <p role="alert" className="text-sm text-red">
            {problem}
          </p>
        )}
        {file !== null && report?.applied !== true && <UpdateChoice run={run} />}
        {sending !== null && <Progress sending={sending} />}
        {error !== null && (
          <Failure
            error={error}
            kept={
              report === null
                ? `${file?.name ?? "The file"} is still chosen.`
                : "The file is still here. Import it again: tickets that were made are found, and none is made twice."
            }
            onRetry={report === null ? run.check : run.write}
          />
        )}
        {report !== null && <Report report={report} onOpenTicket={onOpenTicket} />}
        <Actions run={run} onClose={onClose} onOpenTicket={onOpenTicket} />
      </div>
    </Dialog>
  );
}

function FileChoice({ run }: { readonly run: Import }) {
  const [isOver, setIsOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (files: FileList | null) => {
    const [file] = files ?? [];
    if (file !== undefined) void run.choose(file);
  };
  const over = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(true);
  };
  return (
    <div
      onDragEnter={over}
      onDragOver={over}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        take(event.dataTransfer.files);
      }}
      className={cx(
        "flex flex-wrap items-center gap-3 rounded-xl border border-dashed px-4 py-3",
        isOver ? "border-lime-line bg-lime-soft" : "border-line-strong",
      )}
    >
      <FileUp className="size-5 shrink-0 text-muted" aria-hidden />
      <div className="min-w-0 flex-1 basis-52">
        <p className="truncate font-medium">{run.file?.name ?? "Drop a file here"}</p>
        <p className="text-xs text-muted">
          At most 5 MB and 2,000 tickets. A CSV names its columns in the first line; a title is enough.
        </p>
      </div>
      <input
        ref={input}
        type="file"
        accept=".csv,.json,text/csv,application/json"
        aria-label="File of tickets"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          take(event.target.files);
          // The same file may be chosen again after it was mended.
          event.target.value = "";
        }}
      />
      <Button autoFocus onClick={() => input.current?.click()} disabled={run.sending?.kind === "write"}>
        {run.file === null ? "Choose a file" : "Choose another file"}
      </Button>
    </div>
  );
}

function UpdateChoice({ run }: { readonly run: Import }) {
  const id = useId();
  return (
    <div className="flex items-start gap-2">
      <input
        id={id}
        type="checkbox"
        className="mt-1 accent-lime"
        checked={run.update}
        disabled={run.sending?.kind === "write"}
        onChange={(event) => run.setUpdate(event.target.checked)}
      />
      <label htmlFor={id} className="min-w-0">
        Update tickets whose key is in the file
        <span className="block text-xs text-muted">
          Without this a line with the key of a ticket of this project is refused. An empty cell empties its field.
        </span>
      </label>
    </div>
  );
}

function Progress({ sending: { kind, part } }: { readonly sending: Sending }) {
  const percent = Math.round(part * 100);
  return (
    <div role="status" className="flex flex-col gap-1.5">
      <p className="text-sm text-soft">{part < 1 ? `Sending the file: ${percent} %` : sendingWords[kind]}</p>
      <div className="h-1 overflow-hidden rounded-full bg-active">
        <div className="h-full rounded-full bg-lime transition-[width]" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}

function Actions({
  onClose,
  onOpenTicket,
  run,
}: Pick<ImportDialogProps, "onClose" | "onOpenTicket"> & { run: Import }) {
  const { report, sending } = run;
  if (report?.applied === true) {
    const first = report.lines.find(({ status }) => status === "created" || status === "updated");
    const { ticketId = null } = first ?? {};
    return (
      <div className="flex justify-end gap-2">
        {ticketId !== null && <Button onClick={() => onOpenTicket(ticketId)}>Open {first?.key}</Button>}
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    );
  }
  const { created = 0, refused = 0, updated = 0 } = report?.counts ?? {};
  const count = created + updated;
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      {refused > 0 && (
        <p className="mr-auto max-w-md text-xs text-muted">
          Nothing can be imported while {refused === 1 ? "a line is" : `${refused} lines are`} refused. Mend the file
          and choose it again.
        </p>
      )}
      {report !== null && refused === 0 && count === 0 && (
        <p className="mr-auto text-xs text-muted">
          Every ticket of the file is on the board already. Change the file to make them a second time.
        </p>
      )}
      <Button onClick={onClose}>Cancel</Button>
      <Button
        look="primary"
        onClick={run.write}
        busy={sending?.kind === "write"}
        disabled={report === null || refused > 0 || count === 0 || sending !== null}
      >
        {count === 0 || refused > 0
          ? "Import"
          : `Import ${count.toLocaleString("en")} ${count === 1 ? "ticket" : "tickets"}`}
      </Button>
    </div>
  );
}

import {
  ChevronRight,
  FileText,
  FlaskConical,
  FolderTree,
  GitCompare,
  ListChecks,
  PencilLine,
  Search,
  SquareCheckBig,
  SquareTerminal,
  Wrench,
  type LucideIcon,
} from "lucide-react";
import { memo, type ReactNode } from "react";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Elapsed } from "../../../components/ui/time.tsx";
import { formatDuration } from "../../../lib/format.ts";
import type { ToolRow } from "../model/rows.ts";
import { fieldText, inputText, summaryOf } from "./summaries.ts";

const faces: Readonly<Record<string, { icon: LucideIcon; label: string }>> = {
  read_file: { icon: FileText, label: "Read" },
  list_files: { icon: FolderTree, label: "List" },
  grep: { icon: Search, label: "Search" },
  edit_file: { icon: PencilLine, label: "Edit" },
  write_file: { icon: PencilLine, label: "Write" },
  shell: { icon: SquareTerminal, label: "Shell" },
  git_diff: { icon: GitCompare, label: "Diff" },
  run_tests: { icon: FlaskConical, label: "Run tests" },
  finish: { icon: SquareCheckBig, label: "Finish" },
  submit_review: { icon: ListChecks, label: "Submit review" },
  submit_plan: { icon: ListChecks, label: "Submit plan" },
};

const outcomeWords: Record<Exclude<ToolRow["status"], "running" | "ok">, string> = {
  error: "failed",
  interrupted: "interrupted",
  refused: "refused",
};

interface ToolBlockProps {
  readonly row: ToolRow;
  readonly liveOutput: string | undefined;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** A tool call on one line: name, what about, how long, how it went. Opens to its whole input and output. */
export const ToolBlock = memo(function ToolBlock({ row, liveOutput, open, onToggle }: ToolBlockProps) {
  const face = faces[row.name];
  const Icon = face?.icon ?? Wrench;
  const running = row.status === "running";
  const bad = row.status === "error" || row.status === "refused" || row.status === "interrupted";
  return (
    <div className={cx("my-0.5 rounded-lg border", open ? "border-line bg-card" : "border-transparent")}>
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="flex min-h-8 w-full items-center gap-2 rounded-lg px-2 text-left hover:bg-hover"
      >
        <Icon className={cx("size-3.5 shrink-0", bad ? "text-red" : "text-muted")} aria-hidden />
        <span className="shrink-0 font-medium">{face?.label ?? row.name}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-xs text-muted">{summaryOf(row.name, row.input)}</span>
        <span className="tabular flex shrink-0 items-center gap-1.5 text-xs text-muted">
          {bad && (
            <span className="text-red">
              {outcomeWords[row.status === "error" || row.status === "refused" ? row.status : "interrupted"]}
            </span>
          )}
          {running ? (
            <>
              <span aria-hidden className="size-2 rounded-full bg-lime at-work" />
              <Elapsed sinceMs={row.atMs} />
            </>
          ) : (
            row.durationMs !== null && formatDuration(row.durationMs)
          )}
          <ChevronRight className={cx("size-3.5 transition-transform", open && "rotate-90")} aria-hidden />
        </span>
      </button>
      {open && (
        <div className="flex flex-col gap-2 px-2 pt-1 pb-2">
          <ToolInput row={row} />
          <Output
            label={running ? "Output so far" : row.truncated ? "Output (cut)" : "Output"}
            text={running ? (liveOutput ?? "") : row.output}
          />
        </div>
      )}
      {!open && running && liveOutput !== undefined && liveOutput.trim() !== "" && (
        <p className="truncate px-8 pb-1.5 font-mono text-xs text-muted">{liveOutput.trimEnd().split("\n").at(-1)}</p>
      )}
    </div>
  );
});

function ToolInput({ row }: { row: ToolRow }) {
  if (row.name === "shell") return <Output label="Command" text={fieldText(row.input, "command")} />;
  if (row.name === "edit_file") {
    return (
      <div>
        <Label text={fieldText(row.input, "path")}>Replaced in {fieldText(row.input, "path")}</Label>
        <pre
          tabIndex={0}
          className="max-h-80 overflow-auto rounded-md border border-line bg-panel font-mono text-xs leading-5"
        >
          <Lines sign="-" text={fieldText(row.input, "old_string")} className="bg-red-soft text-red" />
          <Lines sign="+" text={fieldText(row.input, "new_string")} className="bg-green-soft text-green" />
        </pre>
      </div>
    );
  }
  if (row.name === "write_file")
    return <Output label={`Content of ${fieldText(row.input, "path")}`} text={fieldText(row.input, "content")} />;
  return <Output label="Input" text={inputText(row.input)} />;
}

function Lines({ sign, text, className }: { sign: string; text: string; className: string }) {
  if (text === "") return null;
  const signed = text
    .split("\n")
    .map((line) => `${sign} ${line}`)
    .join("\n");
  return <span className={cx("block w-max min-w-full px-2.5 py-1", className)}>{signed}</span>;
}

function Label({ text, children }: { text: string; children: ReactNode }) {
  return (
    <p className="flex h-6 items-center gap-1 text-xs text-muted">
      <span className="truncate">{children}</span>
      {text !== "" && <CopyButton text={text} label="it" />}
    </p>
  );
}

function Output({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <Label text={text}>{label}</Label>
      <pre
        tabIndex={0}
        aria-label={label}
        className="max-h-80 overflow-auto rounded-md border border-line bg-panel px-2.5 py-2 font-mono text-xs leading-5 whitespace-pre-wrap break-words"
      >
        {text === "" ? <span className="text-muted">nothing</span> : text}
      </pre>
    </div>
  );
}

import { useState } from "react";
import type { ImportLine, ImportReport } from "../../../../contracts/ticket-transfer.ts";
import { importStatuses, type ImportStatus } from "../../../../contracts/ticket-transfer-names.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { Button } from "../../../components/ui/button.tsx";

/** Lines that are drawn at once. */
const shownAtFirst = 100;

const words: Record<
  ImportStatus,
  { readonly planned: string; readonly done: string; readonly tone: "plain" | "red" | "green" | "amber" }
> = {
  refused: { planned: "refused", done: "refused", tone: "red" },
  created: { planned: "to create", done: "created", tone: "green" },
  updated: { planned: "to update", done: "updated", tone: "amber" },
  unchanged: { planned: "unchanged", done: "unchanged", tone: "plain" },
};

interface ReportProps {
  readonly report: ImportReport;
  readonly onOpenTicket: (id: string) => void;
}

/** An import's report: how many lines come out how, and each of them, refused ones first. */
export function Report({ onOpenTicket, report }: ReportProps) {
  const [showsAll, setShowsAll] = useState(false);
  const { applied, counts, ignoredColumns, lines } = report;
  const sorted = importStatuses.flatMap((status) => lines.filter((line) => line.status === status));
  const shown = showsAll ? sorted : sorted.slice(0, shownAtFirst);
  return (
    <section aria-label="Report" className="flex flex-col gap-2">
      <p role="status" className="flex flex-wrap items-center gap-1.5">
        {importStatuses
          .filter((status) => counts[status] > 0)
          .map((status) => (
            <Tag key={status} tone={words[status].tone}>
              <span className="tabular">{counts[status]}</span> {words[status][applied ? "done" : "planned"]}
            </Tag>
          ))}
      </p>
      {ignoredColumns.length > 0 && (
        <p className="text-xs text-amber">
          {ignoredColumns.length === 1 ? "This column is" : "These columns are"} left out: {ignoredColumns.join(", ")}.
          Tickets have no such {ignoredColumns.length === 1 ? "field" : "fields"}.
        </p>
      )}
      <div
        tabIndex={0}
        role="group"
        aria-label="Lines"
        className="max-h-[38vh] overflow-auto rounded-lg border border-line"
      >
        <table className="w-full text-left text-sm">
          <thead className="sticky top-0 bg-raised text-xs text-muted">
            <tr>
              <th scope="col" className="px-2.5 py-1.5 font-medium">
                Line
              </th>
              <th scope="col" className="px-2.5 py-1.5 font-medium">
                Ticket
              </th>
              <th scope="col" className="px-2.5 py-1.5 font-medium">
                Outcome
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => (
              <Line key={line.line} line={line} applied={applied} onOpenTicket={onOpenTicket} />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < sorted.length && (
        <Button look="ghost" size="sm" className="self-start" onClick={() => setShowsAll(true)}>
          Show all {sorted.length.toLocaleString("en")} lines
        </Button>
      )}
    </section>
  );
}

function Line({
  applied,
  line,
  onOpenTicket,
}: Pick<ReportProps, "onOpenTicket"> & { line: ImportLine; applied: boolean }) {
  const { fields, key, reasons, status, ticketId, title } = line;
  return (
    <tr className="border-t border-line align-top">
      <td className="tabular px-2.5 py-1.5 text-muted">{line.line}</td>
      <td className="w-1/3 px-2.5 py-1.5 break-words sm:w-1/2">
        {key !== null && ticketId !== null && (
          <button
            type="button"
            onClick={() => onOpenTicket(ticketId)}
            className="tabular mr-1.5 rounded text-muted underline hover:text-text"
          >
            {key}
          </button>
        )}
        {key !== null && ticketId === null && <span className="tabular mr-1.5 text-muted">{key}</span>}
        {title === "" ? <span className="text-muted">No title</span> : title}
      </td>
      <td className="px-2.5 py-1.5 break-words">
        {reasons.length === 0 ? (
          <span className="text-muted">
            {words[status][applied ? "done" : "planned"]}
            {fields.length > 0 && `: ${fields.map((field) => field.replaceAll("_", " ")).join(", ")}`}
          </span>
        ) : (
          <ul className="flex flex-col gap-0.5">
            {reasons.map(({ field, message }) => (
              <li key={`${field} ${message}`}>
                <span className="font-medium text-red">{field.replaceAll("_", " ")}</span> {message}.
              </li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}

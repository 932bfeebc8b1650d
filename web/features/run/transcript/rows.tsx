import { Brain, ChevronRight, RefreshCw } from "lucide-react";
import { memo, type ReactNode } from "react";
import { Markdown } from "../../../components/markdown.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Elapsed, TimeAgo } from "../../../components/ui/time.tsx";
import { formatCost, formatCount, formatDuration } from "../../../lib/format.ts";
import { revealHidden } from "../../../lib/hidden-text.ts";
import type { StageRow, TurnRow } from "../model/rows.ts";
import type { LiveTurn } from "../reduce.ts";

/** A line that opens a stage, with how long it worked once it is over. */
export function StageLine({ row }: { row: StageRow }) {
  return (
    <div className="flex items-center gap-3 pt-5 pb-2">
      <h2 className="text-sm font-semibold capitalize">
        {row.stage}
        {row.attempt > 1 && <span className="font-normal text-muted lowercase"> attempt {row.attempt}</span>}
      </h2>
      <span className="h-px flex-1 bg-line" aria-hidden />
      <span className="tabular text-xs text-muted">
        {row.finished === null ? (
          <>
            working for <Elapsed sinceMs={row.atMs} />
          </>
        ) : (
          <>
            worked for {formatDuration(row.finished.durationMs)} · {row.finished.outcome.replaceAll("_", " ")}
          </>
        )}
      </span>
    </div>
  );
}

interface TurnBlockProps {
  readonly row: TurnRow;
  /** The text that streams in, when this turn is the one being written. */
  readonly live: LiveTurn | null;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** One turn of the model: thinking folded away, text as markdown, streaming while it is written. */
export const TurnBlock = memo(function TurnBlock({ row, live, open, onToggle }: TurnBlockProps) {
  const text = row.status === "running" ? (live?.text ?? "") : row.text;
  const thinking = row.status === "running" ? (live?.thinking ?? "") : row.thinking;
  const running = row.status === "running";
  if (row.status === "done" && text === "" && thinking === "" && row.refusal === null) return null;
  return (
    <div className="group relative py-2">
      {thinking !== "" && (
        <Fold
          icon={<Brain aria-hidden />}
          label={running && text === "" ? "Thinking" : "Thought"}
          open={open}
          onToggle={onToggle}
        >
          <p className="border-l-2 border-line pl-3 whitespace-pre-wrap text-muted">{thinking}</p>
        </Fold>
      )}
      {text !== "" && <Markdown text={text} streaming={running} className="text-base" />}
      {running && text === "" && thinking === "" && (
        <p className="flex items-center gap-2 text-muted">
          <span aria-hidden className="size-2 rounded-full bg-lime at-work" />
          Asking {row.model}… <Elapsed sinceMs={row.atMs} className="tabular" />
        </p>
      )}
      {row.status === "replaced" && (
        <p className="flex items-center gap-2 text-xs text-muted">
          <RefreshCw className="size-3.5" aria-hidden /> Interrupted and asked again
        </p>
      )}
      {row.status === "stopped" && <p className="text-xs text-muted">Stopped before it answered</p>}
      {row.failure !== null && (
        <div className="rounded-lg border border-red-line bg-red-soft px-3 py-2">
          <p className="font-medium">The model call failed: {row.failure.code.replaceAll("_", " ")}</p>
          <p className="break-words whitespace-pre-wrap text-soft">{revealHidden(row.failure.message).text}</p>
          {row.failure.retryAtMs !== null && (
            <p className="mt-0.5 text-xs text-muted">
              {row.failure.retryAtMs > row.atMs &&
                `Tried again after ${formatDuration(row.failure.retryAtMs - row.atMs)}.`}
            </p>
          )}
        </div>
      )}
      {row.refusal !== null && (
        <div className="rounded-lg border border-amber-line bg-amber-soft px-3 py-2">
          <p className="font-medium">The model’s provider refused to answer</p>
          <p className="break-words whitespace-pre-wrap text-soft">
            {row.refusal.detail === null ? "It gave no reason." : revealHidden(row.refusal.detail).text}
          </p>
          <p className="mt-0.5 text-xs text-muted">Nothing of the answer was run or kept.</p>
        </div>
      )}
      {row.status === "done" && text !== "" && (
        <p className="tabular pointer-events-none absolute right-0 -bottom-1 flex gap-x-3 rounded-md border border-line bg-raised px-2 py-0.5 text-xs text-muted opacity-0 transition-opacity group-hover:opacity-100">
          <TimeAgo atMs={row.atMs} />
          {row.latencyMs !== null && <span>{formatDuration(row.latencyMs)}</span>}
          {row.usage !== null && (
            <span>
              {formatCount(
                (row.usage.inputTokens ?? 0) + (row.usage.cacheReadTokens ?? 0) + (row.usage.cacheWriteTokens ?? 0),
              )}{" "}
              in, {formatCount(row.usage.outputTokens ?? 0)} out
            </span>
          )}
          <span>{formatCost(row.costMicros)}</span>
        </p>
      )}
    </div>
  );
});

/** One line that opens to more. */
export function Fold({
  icon,
  label,
  open,
  onToggle,
  children,
}: {
  icon: ReactNode;
  label: string;
  open: boolean;
  onToggle: () => void;
  children: ReactNode;
}) {
  return (
    <div className="pb-1">
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="flex h-7 items-center gap-1.5 rounded-md text-xs text-muted hover:text-text [&>svg]:size-3.5"
      >
        {icon}
        {label}
        <ChevronRight className={cx("transition-transform", open && "rotate-90")} aria-hidden />
      </button>
      {open && <div className="pt-1 pb-2">{children}</div>}
    </div>
  );
}

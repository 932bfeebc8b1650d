import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useId, useMemo, useState } from "react";
import type { ModelCall } from "../../../../contracts/run.ts";
import { Button } from "../../../components/ui/button.tsx";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { formatCost, formatCount, formatDuration } from "../../../lib/format.ts";
import { modelCallQuery } from "../../../lib/queries.ts";

const figure = "px-2 py-1.5 text-right whitespace-nowrap";
const charactersAtOnce = 20_000;

/** One model call; it opens to its prompt and answer. Unknown figures are marked as unknown. */
export function CallRow({ runId, call }: { runId: string; call: ModelCall }) {
  const [open, setOpen] = useState(false);
  const bodyId = useId();
  return (
    <>
      <tr className={cx("border-b border-line hover:bg-hover", open && "bg-hover")}>
        <th scope="row" className="py-0 text-left font-normal">
          <button
            type="button"
            aria-expanded={open}
            aria-controls={open ? bodyId : undefined}
            onClick={() => setOpen(!open)}
            className="flex min-h-11 w-full items-center gap-2 pl-2.5 text-left -outline-offset-2"
          >
            <ChevronRight
              className={cx("size-3.5 shrink-0 text-muted transition-transform", open && "rotate-90")}
              aria-hidden
            />
            <span className="min-w-0">
              <span className="block">
                <span className="font-medium capitalize">{call.stage}</span>{" "}
                <span className="text-muted">turn {call.turn}</span>
              </span>
              <span className="block text-xs break-all text-muted">{call.model}</span>
            </span>
          </button>
        </th>
        <Count value={call.inputTokens} />
        <Count value={call.cacheReadTokens} className="hidden @lg:table-cell" />
        <Count value={call.cacheWriteTokens} className="hidden @lg:table-cell" />
        <Count value={call.outputTokens} />
        <td className={cx(figure, call.costMicros === null && "text-muted")}>
          {call.costMicros === null ? "unknown" : formatCost(call.costMicros)}
          {call.isEstimate && (
            <span
              className="block text-xs text-muted"
              title="The call was cut before its provider had counted it: compare the provider’s bill"
            >
              estimate
            </span>
          )}
        </td>
        <td className={cx(figure, "hidden @md:table-cell @md:pr-4")}>{formatDuration(call.latencyMs)}</td>
      </tr>
      {open && (
        <tr id={bodyId} className="border-b border-line">
          {/* A width of its own would let long lines stretch the table: the content gives none. */}
          <td colSpan={7} className="max-w-0 px-4 pt-2 pb-4">
            <Bodies runId={runId} call={call} />
          </td>
        </tr>
      )}
    </>
  );
}

function Count({ value, className }: { value: number | null; className?: string }) {
  return (
    <td
      className={cx(figure, value === null && "text-muted", className)}
      title={value === null ? undefined : value.toLocaleString("en")}
    >
      {value === null ? "unknown" : formatCount(value)}
    </td>
  );
}

function Bodies({ runId, call }: { runId: string; call: ModelCall }) {
  const query = useQuery(modelCallQuery(runId, call.callId));
  const cached = [
    ["cache read", call.cacheReadTokens],
    ["cache write", call.cacheWriteTokens],
  ] as const;
  return (
    <div className="flex flex-col gap-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
        <TimeAgo atMs={call.startedAtMs} />
        <span className="@md:hidden">{formatDuration(call.latencyMs)}</span>
        {cached.map(([name, value]) => (
          <span key={name} className="@lg:hidden">
            {name} {value === null ? "unknown" : formatCount(value)}
          </span>
        ))}
        {call.vendorRequestId !== null && (
          <span className="flex min-w-0 items-center gap-1">
            Request <code className="truncate font-mono">{call.vendorRequestId}</code>
            <CopyButton text={call.vendorRequestId} label="request id" />
          </span>
        )}
      </p>
      {query.isError && query.data === undefined && (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && (
        <div role="status" aria-label="Loading prompt and answer" className="flex flex-col gap-2">
          <Skeleton className="h-24 w-full" />
          <Skeleton className="h-16 w-full" />
        </div>
      )}
      {query.data !== undefined && (
        <>
          <Json title="Prompt" value={query.data.request} />
          <Json title="Answer" value={query.data.answer} />
        </>
      )}
    </div>
  );
}

/** A kept body as indented JSON; a long one is cut until the person expands it. Copying always takes the whole body. */
function Json({ title, value }: { title: string; value: unknown }) {
  const text = useMemo(() => JSON.stringify(value, null, 2) ?? "null", [value]);
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > charactersAtOnce;
  return (
    <section>
      <h3 className="flex items-center gap-1.5 text-xs font-medium text-soft">
        {title}
        <span className="tabular font-normal text-muted">{text.length.toLocaleString("en")} characters</span>
        <CopyButton text={text} label={title.toLowerCase()} className="ml-auto" />
      </h3>
      <pre
        tabIndex={0}
        aria-label={title}
        className="mt-1 max-h-96 overflow-auto rounded-lg border border-line bg-panel px-3 py-2 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
      >
        {cut ? `${text.slice(0, charactersAtOnce)}…` : text}
      </pre>
      {cut && (
        <Button look="ghost" size="sm" className="mt-1" onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString("en")} characters
        </Button>
      )}
    </section>
  );
}

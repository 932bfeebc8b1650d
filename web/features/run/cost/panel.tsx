import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Coins } from "lucide-react";
import { Empty, Failure } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { formatCost, formatCount, formatDuration, plural } from "../../../lib/format.ts";
import { modelCallsQuery } from "../../../lib/queries.ts";
import { CallRow } from "./call-row.tsx";
import { sumWords, totalsOf } from "./totals.ts";

const figure = "px-2 py-1.5 text-right font-medium whitespace-nowrap";

/** Every model call of the run with its cost. A change of `turns` shows that there is a new one. */
export function CostPanel({ runId, turns }: { runId: string; turns: number }) {
  const query = useQuery({
    ...modelCallsQuery(runId, turns),
    placeholderData: keepPreviousData,
  });
  const calls = query.data;
  if (calls === undefined)
    return query.isError ? (
      <Failure error={query.error} onRetry={() => void query.refetch()} className="m-4" />
    ) : (
      <SkeletonRows count={6} />
    );
  if (calls.length === 0) {
    return (
      <Empty icon={<Coins aria-hidden />} title="No model calls yet">
        Each call is kept with its tokens, cost, latency, prompt and answer. The first one comes with the first turn.
      </Empty>
    );
  }
  const totals = totalsOf(calls);
  const unpriced = totals.costMicros.unknown;
  return (
    <div className="@container h-full overflow-y-auto">
      <dl className="grid grid-cols-2 gap-px border-b border-line bg-line @lg:grid-cols-4">
        <Total name="Cost" value={sumWords(totals.costMicros, calls.length, formatCost)} />
        <Total name="Model calls" value={calls.length.toLocaleString("en")} />
        <Total
          name="From the cache"
          value={totals.cacheShare === null ? "unknown" : `${(totals.cacheShare * 100).toFixed(0)} %`}
          title="Part of the prompts’ tokens that was read from the cache"
        />
        <Total name="Time in calls" value={formatDuration(totals.latencyMs)} />
      </dl>
      {unpriced > 0 && (
        <p className="border-b border-line bg-amber-soft px-4 py-2 text-xs text-amber">
          The cost of {plural(unpriced, "call")} is unknown: the model has no published price, or its answer left out
          the tokens.
        </p>
      )}
      {query.isRefetchError && <Failure error={query.error} onRetry={() => void query.refetch()} className="m-3" />}
      <table className="tabular w-full">
        <caption className="sr-only">Model calls</caption>
        <thead className="sticky top-0 z-10 bg-bg text-xs text-muted">
          <tr className="[&>th]:border-b [&>th]:border-line">
            <th scope="col" className="py-1.5 pl-4 text-left font-medium">
              Call
            </th>
            <th scope="col" className={figure} title="Tokens of the prompt that were not in the cache">
              In
            </th>
            <th scope="col" className={`${figure} hidden @lg:table-cell`} title="Tokens read from the cache">
              Cache read
            </th>
            <th scope="col" className={`${figure} hidden @lg:table-cell`} title="Tokens written into the cache">
              Cache write
            </th>
            <th scope="col" className={figure} title="Tokens of the answer">
              Out
            </th>
            <th scope="col" className={figure}>
              Cost
            </th>
            <th scope="col" className={`${figure} hidden @md:table-cell @md:pr-4`}>
              Latency
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <CallRow key={call.callId} runId={runId} call={call} />
          ))}
        </tbody>
        <tfoot className="text-xs">
          <tr>
            <th scope="row" className="py-2 pl-4 text-left font-medium">
              Total
            </th>
            <td className={figure}>{sumWords(totals.inputTokens, calls.length, formatCount)}</td>
            <td className={`${figure} hidden @lg:table-cell`}>
              {sumWords(totals.cacheReadTokens, calls.length, formatCount)}
            </td>
            <td className={`${figure} hidden @lg:table-cell`}>
              {sumWords(totals.cacheWriteTokens, calls.length, formatCount)}
            </td>
            <td className={figure}>{sumWords(totals.outputTokens, calls.length, formatCount)}</td>
            <td className={figure}>{sumWords(totals.costMicros, calls.length, formatCost)}</td>
            <td className={`${figure} hidden @md:table-cell @md:pr-4`}>{formatDuration(totals.latencyMs)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function Total({ name, value, title }: { name: string; value: string; title?: string }) {
  return (
    <div className="bg-bg px-4 py-2.5" title={title}>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="tabular text-base font-semibold">{value}</dd>
    </div>
  );
}

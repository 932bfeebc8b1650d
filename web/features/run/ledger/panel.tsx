import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { ChevronRight, Download, Link2, ShieldCheck, ShieldX } from "lucide-react";
import { useEffect, useState } from "react";
import type { Ledger, LedgerEntry } from "../../../../contracts/ledger.ts";
import { verifyLedger } from "../../../../domain/ledger/chain.ts";
import { Button, buttonClass } from "../../../components/ui/button.tsx";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Empty, Failure } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { plural, shortHash } from "../../../lib/format.ts";
import { ledgerQuery } from "../../../lib/queries.ts";

const shownAtOnce = 100;

/** The run's proof: every link of the chain, and a button that recomputes it in this browser. A newer `headSeq` reads the ledger again. */
export function LedgerPanel({ runId, headSeq }: { runId: string; headSeq: number }) {
  const query = useQuery({
    ...ledgerQuery(runId, headSeq),
    placeholderData: keepPreviousData,
  });
  const ledger = query.data;
  const verify = useMutation({ mutationFn: (shown: Ledger) => Promise.resolve(verifyLedger(shown)) });
  const [limit, setLimit] = useState(shownAtOnce);
  const { isPending, mutate } = verify;
  const verifiedHead = verify.data?.ok === true ? verify.variables?.head : undefined;
  // After one verification, entries that come later are verified too.
  useEffect(() => {
    if (ledger !== undefined && verifiedHead !== undefined && verifiedHead !== ledger.head && !isPending)
      mutate(ledger);
  }, [ledger, verifiedHead, isPending, mutate]);
  if (ledger === undefined)
    return query.isError ? (
      <Failure error={query.error} onRetry={() => void query.refetch()} className="m-4" />
    ) : (
      <SkeletonRows count={8} />
    );
  if (ledger.entries.length === 0) {
    return (
      <Empty icon={<Link2 aria-hidden />} title="The ledger is empty">
        Each decision, model call, approval and write becomes a link of a hash chain. The first one comes when the run
        starts.
      </Empty>
    );
  }
  const verdict = verify.data;
  return (
    <div className="h-full overflow-y-auto">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-3">
        <Button look="secondary" size="sm" busy={verify.isPending} onClick={() => verify.mutate(ledger)}>
          <ShieldCheck className="size-3.5" aria-hidden />
          Verify
        </Button>
        <a
          className={buttonClass("ghost", "sm")}
          href={`data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(ledger, null, 2))}`}
          download={`run-${runId}-ledger.json`}
        >
          <Download className="size-3.5" aria-hidden />
          Download
        </a>
        <p className="ml-auto flex min-w-0 items-center gap-1 text-xs text-muted">
          {plural(ledger.entries.length, "entry", "entries")}, head{" "}
          <code className="font-mono">{shortHash(ledger.head, 12)}</code>
          <CopyButton text={ledger.head} label="head hash" />
        </p>
        <div role="status" className="w-full empty:hidden">
          {verify.isError && <Failure error={verify.error} />}
          {verdict !== undefined &&
            (verdict.ok ? (
              <p className="flex items-start gap-2 rounded-lg bg-green-soft px-3 py-2 text-green">
                <ShieldCheck className="mt-0.5 size-4 shrink-0" aria-hidden />
                <span>The chain holds: {plural(verdict.entries, "entry", "entries")} recomputed in this browser.</span>
              </p>
            ) : (
              <p className="flex items-start gap-2 rounded-lg bg-red-soft px-3 py-2 text-red">
                <ShieldX className="mt-0.5 size-4 shrink-0" aria-hidden />
                <span>
                  The chain is broken at entry {verdict.index}: {verdict.reason}.
                </span>
              </p>
            ))}
        </div>
      </div>
      <ol>
        {ledger.entries.slice(0, limit).map((entry) => (
          <Entry key={entry.index} entry={entry} broken={verdict?.ok === false && verdict.index === entry.index} />
        ))}
      </ol>
      {ledger.entries.length > limit && (
        <div className="p-3 text-center">
          <Button size="sm" onClick={() => setLimit(limit + 200)}>
            Show more of {ledger.entries.length}
          </Button>
        </div>
      )}
    </div>
  );
}

function Entry({ entry, broken }: { entry: LedgerEntry; broken: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <li className={cx("border-b border-line", broken && "bg-red-soft")}>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-9 w-full items-center gap-3 px-4 text-left -outline-offset-2 hover:bg-hover"
      >
        <span className="tabular w-6 shrink-0 text-right text-xs text-muted">{entry.index}</span>
        <span className="w-24 shrink-0 font-medium">{entry.kind.replaceAll("_", " ")}</span>
        <code className="min-w-0 flex-1 truncate font-mono text-xs text-muted">{JSON.stringify(entry.data)}</code>
        <TimeAgo atMs={entry.atMs} className="hidden shrink-0 text-xs text-muted sm:block" />
        <ChevronRight
          className={cx("size-3.5 shrink-0 text-muted transition-transform", open && "rotate-90")}
          aria-hidden
        />
      </button>
      {open && (
        <div className="flex flex-col gap-1.5 px-4 pb-3 pl-13 text-xs">
          <pre
            tabIndex={0}
            className="max-h-72 overflow-auto rounded-md border border-line bg-panel px-2.5 py-2 font-mono leading-5 break-words whitespace-pre-wrap"
          >
            {JSON.stringify(entry.data, null, 2)}
          </pre>
          <p className="text-muted">
            Hash <code className="font-mono break-all">{entry.hash}</code>
          </p>
          <p className="text-muted">
            Before <code className="font-mono break-all">{entry.previous}</code>
          </p>
        </div>
      )}
    </li>
  );
}

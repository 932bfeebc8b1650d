import { useState, type ReactNode } from "react";
import type { Approval } from "../../../../contracts/patch-set.ts";
import type { Run } from "../../../../contracts/run.ts";
import type { QueuedMessage } from "../../../../domain/run/view.ts";
import { Avatar } from "../../../components/ui/badges.tsx";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { shortHash } from "../../../lib/format.ts";
import { Decision, type PreparedApproval } from "./decision.tsx";

interface DecisionCardProps {
  readonly run: Run;
  readonly title: string;
  /** A word beside the title, such as the version. */
  readonly aside?: string;
  /** Content hash and base of the proposal: a decision is bound to both. */
  readonly hash: string;
  readonly baseCommit: string;
  readonly approval: Approval | null;
  /** True while the proposal waits for a decision. */
  readonly open: boolean;
  /** True when policy forbids approving. */
  readonly blocked?: boolean;
  /** Paths whose content can't be shown. */
  readonly unseen?: readonly string[];
  /** Messages that no agent has read yet. */
  readonly waiting: readonly QueuedMessage[];
  /** The effect of an approval, in one sentence. */
  readonly approves: string;
  /** Where an approval is of another content than the one that waits. */
  readonly prepared?: PreparedApproval;
  /** Shown while there is neither a decision nor a question. */
  readonly undecided?: string;
  /** The subject of the decision, as {@link Fact}s. */
  readonly facts: ReactNode;
  /** The words that an approval covers beside its title; absent where there are none. */
  readonly text?: ReactNode;
  /** The outcome of an approval: writes, checks, tickets. */
  readonly outcome: ReactNode;
}

const decided = { approve: "approved", reject: "rejected", request_changes: "asked for changes" } as const;

/** The question that the run asks: exactly this, yes or no. Later, the decision and its outcome. */
export function DecisionCard({
  run,
  title,
  aside,
  hash,
  baseCommit,
  approval,
  open,
  blocked = false,
  unseen = [],
  waiting,
  approves,
  prepared,
  undecided,
  facts,
  text = null,
  outcome,
}: DecisionCardProps) {
  const [unfolded, setUnfolded] = useState(false);
  return (
    <section
      aria-label="Approval"
      className={cx(
        "@container shrink-0 rounded-xl border bg-card",
        open && !blocked ? "border-lime-line" : "border-line",
      )}
    >
      <div className="px-3.5 pt-3 pb-2.5">
        <div className="flex items-baseline gap-2">
          <h2 className="min-w-0 flex-1 truncate text-base font-semibold" title={title}>
            {title}
          </h2>
          {aside !== undefined && <span className="shrink-0 text-xs text-muted">{aside}</span>}
          {!open && (
            <button
              type="button"
              aria-expanded={unfolded}
              onClick={() => setUnfolded(!unfolded)}
              className="shrink-0 rounded text-xs text-muted underline decoration-line-strong underline-offset-2 hover:text-text"
            >
              {unfolded ? "Less" : "Details"}
            </button>
          )}
        </div>
        <dl
          hidden={!open && !unfolded}
          className="mt-2 grid grid-cols-1 gap-x-6 gap-y-1.5 text-sm @md:grid-cols-2 [&[hidden]]:hidden"
        >
          {facts}
        </dl>
        {(open || unfolded) && text}
      </div>
      {open ? (
        <Decision
          run={run}
          hash={hash}
          baseCommit={baseCommit}
          blocked={blocked}
          unseen={unseen}
          approves={approves}
          waiting={waiting}
          approval={prepared}
        />
      ) : approval !== null ? (
        <div className="border-t border-line px-3.5 py-2.5">
          <p className="flex flex-wrap items-center gap-1.5">
            <Avatar person={approval.by} />
            <span className="font-medium">{approval.by.name}</span>
            {decided[approval.decision]}
            <TimeAgo atMs={approval.atMs} className="text-muted" />
          </p>
          {approval.comment !== "" && <p className="mt-1 whitespace-pre-wrap text-soft">{approval.comment}</p>}
          {approval.decision === "approve" && outcome}
        </div>
      ) : (
        undecided !== undefined && <p className="border-t border-line px-3.5 py-2.5 text-muted">{undecided}</p>
      )}
    </section>
  );
}

/** A name and a value in a card's list. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 items-center gap-2">
      <dt className="w-20 shrink-0 text-xs text-muted">{name}</dt>
      <dd className="flex min-w-0 items-center gap-1.5">{children}</dd>
    </div>
  );
}

/** The content hash that a decision is bound to. */
export function HashFact({ hash }: { hash: string }) {
  return (
    <Fact name="Content">
      <code className="font-mono text-xs" title={hash}>
        {shortHash(hash, 12)}
      </code>
      <CopyButton text={hash} label="content hash" className="-my-1" />
    </Fact>
  );
}

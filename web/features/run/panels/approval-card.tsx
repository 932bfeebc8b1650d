import { CircleCheck, CircleDashed, CircleX, ShieldAlert, ShieldCheck } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { PatchSet } from "../../../../contracts/patch-set.ts";
import type { Run } from "../../../../contracts/run.ts";
import { Avatar } from "../../../components/ui/badges.tsx";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { plural, shortHash } from "../../../lib/format.ts";
import type { Facts } from "../model/facts.ts";
import { Decision } from "./decision.tsx";
import { WriteSteps } from "./write-steps.tsx";

/** The question that the run asks: these exact bytes, yes or no. After a yes, what the write gate does with them. */
export function ApprovalCard({ run, facts, patchSet }: { run: Run; facts: Facts; patchSet: PatchSet }) {
  const state = facts.state ?? run.state;
  const blocks = patchSet.violations.filter((violation) => violation.severity === "BLOCK").length;
  const warnings = patchSet.violations.length - blocks;
  const additions = patchSet.patches.reduce((sum, patch) => sum + patch.additions, 0);
  const deletions = patchSet.patches.reduce((sum, patch) => sum + patch.deletions, 0);
  const open =
    (state === "WAITING_APPROVAL" || state === "BLOCKED_POLICY") && patchSet.approval === null && !patchSet.superseded;
  const approved = patchSet.approval?.decision === "approve";
  const [unfolded, setUnfolded] = useState(false);
  return (
    <section
      aria-label="Approval"
      className={cx(
        "@container shrink-0 rounded-xl border bg-card",
        open && blocks === 0 ? "border-lime-line" : "border-line",
      )}
    >
      <div className="px-3.5 pt-3 pb-2.5">
        <div className="flex items-baseline gap-2">
          <h2 className="min-w-0 flex-1 truncate text-base font-semibold" title={patchSet.title}>
            {patchSet.title}
          </h2>
          <span className="shrink-0 text-xs text-muted">Patch set {patchSet.version}</span>
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
          <Fact name="Repository">
            <span className="truncate">
              {run.repository.owner}/{run.repository.name}
            </span>
          </Fact>
          <Fact name="Branch">
            <code className="truncate font-mono text-xs" title={patchSet.headBranch}>
              {patchSet.headBranch}
            </code>
          </Fact>
          <Fact name="Base">
            <span className="truncate">{run.repository.baseBranch}</span>
            <code className="font-mono text-xs text-muted" title={patchSet.baseCommit}>
              {shortHash(patchSet.baseCommit)}
            </code>
          </Fact>
          <Fact name="Content">
            <code className="font-mono text-xs" title={patchSet.hash}>
              {shortHash(patchSet.hash, 12)}
            </code>
            <CopyButton text={patchSet.hash} label="content hash" className="-my-1" />
          </Fact>
          <Fact name="Size">
            <span className="tabular">
              {plural(patchSet.patches.length, "file")} <span className="text-green">+{additions}</span>{" "}
              <span className="text-red">−{deletions}</span>
            </span>
          </Fact>
          <Fact name="Policy">
            {blocks > 0 ? (
              <ShieldAlert className="size-3.5 text-red" aria-hidden />
            ) : (
              <ShieldCheck className={cx("size-3.5", warnings > 0 ? "text-amber" : "text-green")} aria-hidden />
            )}
            {blocks > 0 ? (
              <span className="text-red">{plural(blocks, "BLOCK", "BLOCKs")}</span>
            ) : warnings > 0 ? (
              <span className="text-amber">{plural(warnings, "warning")}</span>
            ) : (
              "No findings"
            )}
            {blocks > 0 && warnings > 0 && <span className="text-amber">, {plural(warnings, "warning")}</span>}
          </Fact>
          <Fact name="Gates">
            <GateDots gates={facts.gates} />
          </Fact>
        </dl>
      </div>
      {open ? (
        <Decision
          run={run}
          hash={patchSet.hash}
          baseCommit={patchSet.baseCommit}
          blocked={blocks > 0 || state === "BLOCKED_POLICY"}
          approves="Approving lets the write gate push this hash onto this base, once."
        />
      ) : patchSet.approval !== null ? (
        <div className="border-t border-line px-3.5 py-2.5">
          <p className="flex flex-wrap items-center gap-1.5">
            <Avatar person={patchSet.approval.by} />
            <span className="font-medium">{patchSet.approval.by.name}</span>
            {
              { approve: "approved", reject: "rejected", request_changes: "asked for changes" }[
                patchSet.approval.decision
              ]
            }
            <TimeAgo atMs={patchSet.approval.atMs} className="text-muted" />
          </p>
          {patchSet.approval.comment !== "" && (
            <p className="mt-1 whitespace-pre-wrap text-soft">{patchSet.approval.comment}</p>
          )}
          {approved && <WriteSteps facts={facts} patchSet={patchSet} state={state} />}
        </div>
      ) : (
        <p className="border-t border-line px-3.5 py-2.5 text-muted">
          {patchSet.superseded
            ? "A newer version has replaced it."
            : state === "PATCHES_PROPOSED"
              ? "Policy is looking at it."
              : "No decision was made on it."}
        </p>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 items-center gap-2">
      <dt className="w-18 shrink-0 text-xs text-muted">{name}</dt>
      <dd className="flex min-w-0 items-center gap-1.5">{children}</dd>
    </div>
  );
}

function GateDots({ gates }: { gates: Facts["gates"] }) {
  const results = Object.values(gates);
  if (results.length === 0) return <span className="text-muted">None yet</span>;
  return (
    <span className="flex flex-wrap gap-x-2 gap-y-1">
      {results.map(({ gate, status }) => {
        const [Icon, tone, word] =
          status === "pass"
            ? ([CircleCheck, "text-green", "passed"] as const)
            : status === "fail"
              ? ([CircleX, "text-red", "failed"] as const)
              : ([CircleDashed, "text-muted", "skipped"] as const);
        return (
          <span key={gate} className="inline-flex items-center gap-0.5 text-xs" title={`${gate} ${word}`}>
            <Icon className={cx("size-3.5", tone)} aria-label={word} role="img" />
            {gate}
          </span>
        );
      })}
    </span>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  Check,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleX,
  LoaderCircle,
  ShieldAlert,
  ShieldCheck,
} from "lucide-react";
import { useId, useState, type ReactNode } from "react";
import type { ApprovalVerb, DecidePatchSet, PatchSet } from "../../../../contracts/patch-set.ts";
import type { Run } from "../../../../contracts/run.ts";
import { Avatar } from "../../../components/ui/badges.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { api, ApiError } from "../../../lib/api.ts";
import { plural, shortHash } from "../../../lib/format.ts";
import { mayRun, useMe } from "../../../lib/me.ts";
import { runQuery } from "../../../lib/queries.ts";
import type { Facts } from "../model/facts.ts";
import { WriteSteps } from "./write-steps.tsx";

const conflictAdvice: Partial<Record<ApiError["code"], string>> = {
  already_decided: "Somebody has decided on this patch set already; the page shows their decision in a moment.",
  patch_set_stale: "The base branch has moved or a newer version exists. Look at the newest version before you decide.",
  run_not_waiting: "The run no longer waits for a decision. The page catches up in a moment.",
  policy_blocked: "Policy blocks this patch set: it can be rejected or sent back, not approved.",
};

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
        <Decision run={run} patchSet={patchSet} blocked={blocks > 0 || state === "BLOCKED_POLICY"} />
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

function Decision({ run, patchSet, blocked }: { run: Run; patchSet: PatchSet; blocked: boolean }) {
  const { role } = useMe();
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<ApprovalVerb | null>(null);
  const [comment, setComment] = useState("");
  const fieldId = useId();
  const decide = useMutation({
    mutationFn: (body: DecidePatchSet) =>
      api<PatchSet>("POST", `/api/runs/${encodeURIComponent(run.id)}/patch-sets/${patchSet.hash}/decision`, body),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: runQuery(run.id).queryKey });
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  const send = (decision: ApprovalVerb) =>
    decide.mutate({ decision, baseCommit: patchSet.baseCommit, comment: decision === "approve" ? "" : comment.trim() });
  const busy = decide.isPending || decide.isSuccess;
  const failure = decide.error instanceof ApiError ? decide.error : null;

  if (!mayRun(role)) {
    return (
      <p className="flex items-start gap-2 border-t border-line px-3.5 py-2.5 text-muted">
        <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
        Your role here is {role}. A dev, pm or admin decides on patch sets.
      </p>
    );
  }
  if (decide.isSuccess) {
    return (
      <p role="status" className="flex items-center gap-2 border-t border-line px-3.5 py-2.5 text-soft">
        <LoaderCircle className="size-4 animate-spin" aria-hidden />
        Recorded. The run goes on.
      </p>
    );
  }
  const needsComment = asked === "request_changes";
  return (
    <div className="border-t border-line px-3.5 py-3">
      {asked !== null && (
        <div className="mb-3">
          <label htmlFor={fieldId} className="text-xs font-medium text-soft">
            {needsComment ? "What should change" : "Why (kept in the ledger)"}
          </label>
          <textarea
            id={fieldId}
            autoFocus
            rows={3}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") setAsked(null);
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && (!needsComment || comment.trim() !== ""))
                send(asked);
            }}
            className="mt-1 w-full rounded-lg border border-line-strong bg-bg px-3 py-2"
          />
          {failure?.issueAt("comment") !== null && failure !== null && (
            <p className="text-xs text-red">{failure.issueAt("comment")}</p>
          )}
        </div>
      )}
      {failure !== null && failure.issueAt("comment") === null && (
        <Failure
          error={
            new ApiError({
              code: failure.code,
              status: failure.status,
              title: failure.title,
              detail: conflictAdvice[failure.code] ?? failure.message,
              requestId: failure.requestId,
            })
          }
          kept="Nothing was written."
          className="mb-3"
        />
      )}
      <div className="flex flex-wrap items-center gap-2">
        {asked === null ? (
          <>
            <Button
              look="primary"
              busy={busy}
              disabled={blocked}
              onClick={() => send("approve")}
              title={blocked ? "Policy blocks it" : "Approve exactly these bytes"}
            >
              <Check className="size-4" aria-hidden />
              Approve
            </Button>
            <Button disabled={busy} onClick={() => setAsked("request_changes")}>
              Request changes
            </Button>
            <Button look="danger" disabled={busy} onClick={() => setAsked("reject")}>
              Reject
            </Button>
          </>
        ) : (
          <>
            <Button
              look={asked === "reject" ? "danger" : "primary"}
              busy={busy}
              disabled={needsComment && comment.trim() === ""}
              onClick={() => send(asked)}
            >
              {asked === "reject" ? "Reject and end the run" : "Send back to the agent"}
            </Button>
            <Button look="ghost" onClick={() => setAsked(null)}>
              Back
            </Button>
          </>
        )}
        <p className="min-w-40 flex-1 text-xs text-muted">
          {blocked ? (
            <span className="text-red">Policy blocks it: approving is off. Send it back or reject it.</span>
          ) : asked === null ? (
            "Approving lets the write gate push this hash onto this base, once."
          ) : null}
        </p>
      </div>
    </div>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, CircleAlert, LoaderCircle } from "lucide-react";
import { useId, useState } from "react";
import type { ApprovalVerb, DecidePatchSet } from "../../../../contracts/patch-set.ts";
import type { Run } from "../../../../contracts/run.ts";
import { Button } from "../../../components/ui/button.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { api, ApiError, bodyOf } from "../../../lib/api.ts";
import { useRefusal } from "../../../lib/me.ts";
import { runQuery } from "../../../lib/queries.ts";
import type { QueuedMessage } from "../../../../domain/run/view.ts";
import { revealHidden } from "../../../lib/hidden-text.ts";

const conflictAdvice: Partial<Record<ApiError["code"], string>> = {
  already_decided: "Somebody has decided on this already; the page shows their decision in a moment.",
  patch_set_stale: "The base branch has moved or a newer version exists. Look at the newest version before you decide.",
  run_not_waiting: "The run no longer waits for a decision. The page catches up in a moment.",
  unseen_content: "Some of its files can’t be shown. Look at the list, then approve them unseen, or send it back.",
  policy_blocked: "Policy blocks this patch set: it can be rejected or sent back, not approved.",
};

const sendLabels: Readonly<Record<ApprovalVerb, string>> = {
  approve: "Approve them unseen",
  reject: "Reject and end the run",
  request_changes: "Send back to the agent",
};

/** An approval of another content than the one that waits: of a plan as the person changed it. */
export interface PreparedApproval {
  readonly label: string;
  /** Why it can't be given now, in a sentence; null where it can. */
  readonly refusal: string | null;
  /** Stores that content, and answers hash and base to approve. Sent again it stores nothing. */
  readonly prepare: () => Promise<{ readonly hash: string; readonly baseCommit: string }>;
}

interface DecisionProps {
  readonly run: Run;
  /** Content hash and base of the proposal: a decision is bound to both. */
  readonly hash: string;
  readonly baseCommit: string;
  /** True when policy forbids approving. */
  readonly blocked: boolean;
  /** Paths whose content can't be shown: an approval says that it covers them unseen. */
  readonly unseen: readonly string[];
  /** The effect of an approval, in one sentence. */
  readonly approves: string;
  /** Messages that no agent has read yet. */
  readonly waiting: readonly QueuedMessage[];
  readonly approval?: PreparedApproval | undefined;
}

/** Approve, request changes or reject; a person without the permission reads why. A refusal stays until the next try. */
export function Decision({ run, hash, baseCommit, blocked, unseen, approves, waiting, approval }: DecisionProps) {
  const refusal = useRefusal("patch_set.decide");
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<ApprovalVerb | null>(null);
  const [comment, setComment] = useState("");
  const fieldId = useId();
  const decide = useMutation({
    mutationFn: async (body: DecidePatchSet) => {
      const named = body.decision === "approve" ? await approval?.prepare() : undefined;
      const path = { id: run.id, hash: named?.hash ?? hash };
      const decided = { ...body, baseCommit: named?.baseCommit ?? baseCommit };
      return bodyOf(api.POST("/api/runs/{id}/patch-sets/{hash}/decision", { params: { path }, body: decided }));
    },
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: runQuery(run.id).queryKey });
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  const send = (decision: ApprovalVerb, said = comment.trim()) =>
    decide.mutate({
      decision,
      baseCommit,
      comment: decision === "approve" ? "" : said,
      ...(decision === "approve" && unseen.length > 0 ? { acceptsUnseen: true } : {}),
    });
  const busy = decide.isPending || decide.isSuccess;
  const failure = decide.error instanceof ApiError ? decide.error : null;

  if (refusal !== null) {
    return (
      <p className="flex items-start gap-2 border-t border-line px-3.5 py-2.5 text-muted">
        <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
        {refusal}
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
      {waiting.length > 0 && <WaitingMessages messages={waiting} />}
      {asked === "approve" && <UnseenQuestion paths={unseen} />}
      {asked !== null && asked !== "approve" && (
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
              disabled={blocked || (approval !== undefined && approval.refusal !== null)}
              onClick={() => (unseen.length > 0 ? setAsked("approve") : send("approve"))}
              title={blocked ? "Policy blocks it" : (approval?.refusal ?? "Approve exactly these bytes")}
            >
              <Check className="size-4" aria-hidden />
              {approval?.label ?? (waiting.length === 0 ? "Approve" : "Approve without")}
            </Button>
            {waiting.length > 0 && (
              <Button disabled={busy} onClick={() => send("request_changes", sentBackWith(waiting.length))}>
                Send back with {waiting.length === 1 ? "this message" : "these messages"}
              </Button>
            )}
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
              {sendLabels[asked]}
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
            (approval?.refusal ?? approves)
          ) : null}
        </p>
      </div>
    </div>
  );
}

/** The comment of a decision that sends work back for its waiting messages: the agent gets them with its next turn. */
function sentBackWith(count: number): string {
  return `${count === 1 ? "A message" : `${count} messages`} came after your last turn: ${count === 1 ? "it follows" : "they follow"} this one. Take ${count === 1 ? "it" : "them"} into account.`;
}

/** Messages that came too late for the agent's last turn. A decision either sends them along or leaves them out. */
function WaitingMessages({ messages }: { messages: readonly QueuedMessage[] }) {
  return (
    <div role="note" className="mb-3 rounded-lg border border-amber-line bg-amber-soft px-3 py-2">
      <p className="text-amber">
        {messages.length === 1 ? "One message was" : `${messages.length} messages were`} not read by an agent before
        this was proposed. Approving leaves {messages.length === 1 ? "it" : "them"} out for good.
      </p>
      <ul className="mt-1 flex max-h-40 flex-col gap-1 overflow-auto">
        {messages.map(({ by, messageId, text }) => (
          <li key={messageId} className="text-sm break-words whitespace-pre-wrap">
            <span className="text-muted">{by.name}: </span>
            {revealHidden(text).text}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Names the files that an approval would cover although no page can show them. */
function UnseenQuestion({ paths }: { paths: readonly string[] }) {
  return (
    <div role="alert" className="mb-3 rounded-lg border border-amber-line bg-amber-soft px-3 py-2 text-amber">
      <p>
        {paths.length === 1 ? "One file can’t be shown" : `${paths.length} files can’t be shown`} as text. An approval
        covers their bytes although nobody has read them here:
      </p>
      <ul className="mt-1 max-h-32 overflow-auto font-mono text-xs">
        {paths.map((path) => (
          <li key={path}>{revealHidden(path).text}</li>
        ))}
      </ul>
    </div>
  );
}

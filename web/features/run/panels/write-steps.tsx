import { Check, CircleDashed, LoaderCircle, X } from "lucide-react";
import type { ReactNode } from "react";
import type { PatchSet } from "../../../../contracts/patch-set.ts";
import type { RunState } from "../../../../contracts/run.ts";
import { OutLink } from "../../../components/ui/out-link.tsx";
import { shortHash } from "../../../lib/format.ts";
import { isFinal } from "../../../lib/vocabulary.ts";
import type { Facts, Write } from "../model/facts.ts";

type Progress = "ahead" | "doing" | "done" | "bad";

const order: readonly { kind: Write["kind"]; label: string }[] = [
  { kind: "commit", label: "Commit" },
  { kind: "branch", label: "Branch" },
  { kind: "pull_request", label: "Pull request" },
];

/** What happens after an approval: commit, branch, pull request, then its checks, each as it comes. */
export function WriteSteps({ facts, patchSet, state }: { facts: Facts; patchSet: PatchSet; state: RunState }) {
  const { pullRequest } = facts;
  const commit = facts.writes.find((each) => each.kind === "commit" && each.hash === patchSet.hash)?.finished
    ?.reference;
  const ci = facts.ci.filter((check) => check.commit === commit);
  const over = isFinal(state) || state === "NEEDS_HUMAN";
  return (
    <ol aria-label="Writing" aria-live="polite" className="mt-2.5 flex flex-col gap-1.5">
      {order.map(({ kind, label }) => {
        const write = facts.writes.find((each) => each.kind === kind && each.hash === patchSet.hash);
        const progress: Progress =
          write === undefined ? "ahead" : write.finished !== null ? "done" : over ? "bad" : "doing";
        const finished = write?.finished ?? null;
        return (
          <Step key={kind} progress={progress} label={label}>
            {kind === "pull_request" && pullRequest !== null ? (
              <OutLink href={pullRequest.url}>#{pullRequest.number}</OutLink>
            ) : finished === null ? null : finished.url === null ? (
              <Reference text={finished.reference} />
            ) : (
              <OutLink href={finished.url}>
                <Reference text={finished.reference} />
              </OutLink>
            )}
          </Step>
        );
      })}
      {ci.length === 0 ? (
        <Step progress={state === "VERIFYING_CI" ? "doing" : "ahead"} label="Checks">
          {state === "VERIFYING_CI" && <span className="text-muted">Waiting for CI to report</span>}
        </Step>
      ) : (
        ci.map((check) => (
          <Step key={check.workflowRunId} progress={progressOf(check)} label={check.name}>
            <OutLink href={check.url}>{(check.conclusion ?? check.status).replaceAll("_", " ")}</OutLink>
          </Step>
        ))
      )}
    </ol>
  );
}

/** The one write of an approved review: at work, posted with its address, or stopped. */
export function ReviewStep({ facts, hash, state }: { facts: Facts; hash: string; state: RunState }) {
  const write = facts.writes.find((each) => each.kind === "review" && each.hash === hash);
  const finished = write?.finished ?? null;
  const over = state !== "APPLYING";
  return (
    <ol aria-label="Writing" aria-live="polite" className="mt-2.5 flex flex-col gap-1.5">
      <Step
        progress={finished !== null ? "done" : over ? "bad" : write === undefined ? "ahead" : "doing"}
        label={finished !== null ? "Review posted" : over ? "Not posted" : "Posting the review"}
      >
        {finished !== null && finished.url !== null && <OutLink href={finished.url}>Open it</OutLink>}
      </Step>
    </ol>
  );
}

function progressOf(check: Facts["ci"][number]): Progress {
  if (check.status !== "completed") return "doing";
  return check.conclusion === "success" || check.conclusion === "skipped" || check.conclusion === "neutral"
    ? "done"
    : "bad";
}

function Reference({ text }: { text: string }) {
  return <code className="truncate font-mono text-xs">{/^[0-9a-f]{40}$/.test(text) ? shortHash(text) : text}</code>;
}

const icons: Record<Progress, ReactNode> = {
  ahead: <CircleDashed className="size-4 text-muted" aria-label="ahead" role="img" />,
  doing: <LoaderCircle className="size-4 animate-spin text-lime-text" aria-label="at work" role="img" />,
  done: <Check className="size-4 text-green" aria-label="done" role="img" />,
  bad: <X className="size-4 text-red" aria-label="failed" role="img" />,
};

function Step({ progress, label, children }: { progress: Progress; label: string; children: ReactNode }) {
  return (
    <li className="flex min-w-0 items-center gap-2">
      {icons[progress]}
      <span className={progress === "ahead" ? "text-muted" : ""}>{label}</span>
      <span className="min-w-0 truncate">{children}</span>
    </li>
  );
}

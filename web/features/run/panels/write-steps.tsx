import { Check, CircleAlert, CircleDashed, LoaderCircle, Minus, X } from "lucide-react";
import type { ReactNode } from "react";
import type { PatchSet } from "../../../../contracts/patch-set.ts";
import type { RunState } from "../../../../contracts/run.ts";
import { OutLink } from "../../../components/ui/out-link.tsx";
import { shortHash } from "../../../lib/format.ts";
import { mergeOrder, undecidedNames } from "../model/delivery.ts";
import type { Write } from "../model/history.ts";
import { listed } from "../model/lane-names.ts";
import { checkClass, missingChecks } from "../../../../domain/run/ci.ts";
import { laneChecks, laneWrite, standsStill, type CiCheck, type LaneView } from "../model/lanes.ts";
import type { RunNow } from "../model/now.ts";

type Progress = "ahead" | "doing" | "done" | "bad" | "asks" | "uncounted";

const order: readonly { kind: Write["kind"]; label: string }[] = [
  { kind: "commit", label: "Commit" },
  { kind: "branch", label: "Branch" },
  { kind: "pull_request", label: "Pull request" },
  { kind: "pull_request_links", label: "Links to the others" },
];

interface WriteStepsProps {
  readonly now: RunNow;
  readonly lane: LaneView;
  readonly patchSet: PatchSet;
}

/** The steps after an approval: commit, branch, pull request with its links, then its checks, each as it comes. */
export function WriteSteps({ now, lane, patchSet: { companions, hash } }: WriteStepsProps) {
  const { state } = now;
  const { pullRequest } = lane;
  const waitsFor = undecidedNames(lane, now.lanes);
  const isBegun = laneWrite(lane, "commit", hash) !== undefined;
  if (state === "WAITING_APPROVAL" && waitsFor.length > 0 && !isBegun)
    return (
      <p role="status" className="mt-1.5 text-muted">
        Nothing is written before {listed(waitsFor)} {waitsFor.length === 1 ? "is" : "are"} decided too.
      </p>
    );
  const steps = order.filter(({ kind }) => kind !== "pull_request_links" || companions.length > 0);
  const ci = laneChecks(lane, hash);
  const missing = lane.pullRequest === null ? [] : missingChecks(ci, lane.requiredChecks);
  const over = standsStill(state);
  return (
    <ol aria-label="Writing" aria-live="polite" className="mt-2.5 flex flex-col gap-1.5">
      {steps.map(({ kind, label }) => {
        const write = laneWrite(lane, kind, hash);
        const progress: Progress =
          write === undefined ? "ahead" : write.finished !== null ? "done" : over ? "bad" : "doing";
        const finished = write?.finished ?? null;
        return (
          <Step key={kind} progress={progress} label={label}>
            {kind === "pull_request_links" ? (
              finished !== null && <span className="text-muted">{mergeOrder(companions)}</span>
            ) : kind === "pull_request" && pullRequest !== null ? (
              <>
                <OutLink href={pullRequest.url}>#{pullRequest.number}</OutLink>
                {pullRequest.state !== "open" && <span className="text-muted"> {pullRequest.state}</span>}
              </>
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
      {ci.length + missing.length === 0 ? (
        <Step progress={state === "VERIFYING_CI" ? "doing" : "ahead"} label="Checks">
          {state === "VERIFYING_CI" ? (
            <span className="text-muted">Waiting for CI to report</span>
          ) : lane.gates.G5?.status === "skipped" ? (
            <span className="text-muted">No checks are configured, so none has passed</span>
          ) : null}
        </Step>
      ) : (
        ci.map((check) => (
          <Step key={check.checkId} progress={progressOf(check)} label={check.name}>
            {check.url === null ? checkWords(check) : <OutLink href={check.url}>{checkWords(check)}</OutLink>}
          </Step>
        ))
      )}
      {missing.map(({ name }) => (
        <Step key={`required ${name}`} progress={state === "VERIFYING_CI" ? "doing" : "ahead"} label={name}>
          <span className="text-muted">Required by {lane.base.branch}, has not reported</span>
        </Step>
      ))}
    </ol>
  );
}

/** The one write of an approved review: at work, posted with its address, or stopped. */
export function ReviewStep({ writes, hash, state }: { writes: readonly Write[]; hash: string; state: RunState }) {
  const write = writes.find((each) => each.kind === "review" && each.hash === hash);
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

function progressOf(check: CiCheck): Progress {
  const found = checkClass(check);
  const shown = { running: "doing", passed: "done", failed: "bad", skipped: "uncounted" } as const;
  return found === "asks" || found === "uncounted" ? found : shown[found];
}

function checkWords({ conclusion, status }: CiCheck): string {
  return (conclusion ?? status).replaceAll("_", " ");
}

function Reference({ text }: { text: string }) {
  return <code className="truncate font-mono text-xs">{/^[0-9a-f]{40}$/.test(text) ? shortHash(text) : text}</code>;
}

const icons: Record<Progress, ReactNode> = {
  ahead: <CircleDashed className="size-4 shrink-0 text-muted" aria-label="ahead" role="img" />,
  doing: <LoaderCircle className="size-4 shrink-0 animate-spin text-lime-text" aria-label="at work" role="img" />,
  done: <Check className="size-4 shrink-0 text-green" aria-label="done" role="img" />,
  bad: <X className="size-4 shrink-0 text-red" aria-label="failed" role="img" />,
  asks: <CircleAlert className="size-4 shrink-0 text-amber" aria-label="waits for a person" role="img" />,
  uncounted: <Minus className="size-4 shrink-0 text-muted" aria-label="does not count" role="img" />,
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

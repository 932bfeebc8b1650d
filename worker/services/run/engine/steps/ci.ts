import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { ciGate, ciOutcome } from "../../../../../domain/gates/evaluate.ts";
import { applyEvent } from "../../../../../domain/run/fold.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../move.ts";

/** Webhooks wake the run at once; this is only how long a lost one may delay it. */
const pollMs = 15_000;
/** How long a forge gets to start CI before the run concludes that there is none. */
const noCiAfterMs = 90_000;

/** Begins to watch the pull request's CI. */
export function watchCi({ deps, epoch, journal }: StepContext): StepOutcome {
  journal.commit(
    { events: [move(journal.view(), "ci_watched").event], facts: { ci_since_ms: String(deps.nowMs()) } },
    epoch,
  );
  return "again";
}

/** Reads the workflow runs of the head commit from the forge itself and ends the run when all have ended. */
export async function checkCi({ deps, epoch, journal }: StepContext): Promise<StepOutcome> {
  const { pullRequest } = journal.view();
  if (pullRequest === undefined) throw new Error("there is no pull request to watch");
  const runs = await deps.forge.listWorkflowRuns(journal.spec.repository, pullRequest.commit);
  let view = journal.view();
  const events: NewRunEvent[] = [];
  for (const run of runs) {
    const known = view.ci[run.id];
    if (known?.status === run.status && known.conclusion === run.conclusion) continue;
    const event: NewRunEvent = {
      type: "ci.updated",
      data: {
        workflowRunId: run.id,
        name: run.name,
        commit: run.headCommit,
        status: run.status,
        conclusion: run.conclusion,
        url: run.url,
      },
    };
    events.push(event);
    view = applyEvent(view, { ...event, atMs: 0 });
  }
  const outcomes = Object.values(view.ci).map(ciOutcome);
  const sinceMs = Number(journal.fact("ci_since_ms") ?? deps.nowMs());
  const patient = outcomes.length === 0 ? deps.nowMs() - sinceMs < noCiAfterMs : outcomes.includes("running");
  if (patient) {
    if (events.length > 0) journal.commit({ events }, epoch);
    return { sleepUntilMs: deps.nowMs() + pollMs };
  }
  const gate = ciGate(Object.values(view.ci));
  events.push({ type: "gate.evaluated", data: gate });
  if (gate.status === "fail")
    events.push(
      move(view, "ci_failed", "CI failed on the pull request. Look at its log; resume looks at CI again.").event,
    );
  else
    events.push(
      move(view, "ci_passed", gate.status === "skipped" ? "Done; the repository has no CI for this commit." : null)
        .event,
    );
  journal.commit({ events }, epoch);
  return "again";
}

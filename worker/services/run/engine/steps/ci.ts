import type { NewRunEvent, RunEventData } from "../../../../../contracts/run-events.ts";
import { ciGate, ciOutcome } from "../../../../../domain/gates/evaluate.ts";
import { ciFailedMessage } from "../../../../../domain/instruction/prompts.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import { applyEvent } from "../../../../../domain/run/fold.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../move.ts";

/** Webhooks wake the run at once; this is only how long a lost one may delay it. */
const pollMs = 15_000;
/** How long a forge gets to start CI before the run concludes that there is none. */
const noCiAfterMs = 90_000;
/** Failed workflow runs whose logs go to the coder, and how much of each. */
const maxLogs = 3;
const maxLogBytes = 8_000;

/** Begins to watch the pull request's CI. */
export function watchCi({ deps, epoch, journal }: StepContext): StepOutcome {
  journal.commit(
    { events: [move(journal.view(), "ci_watched").event], facts: { ci_since_ms: String(deps.nowMs()) } },
    epoch,
  );
  return "again";
}

/**
 * Reads the workflow runs of the head commit from the forge itself. When all have ended, green ends the run; red goes back to the
 * coder with the failing logs, a bounded number of times, then to a person.
 */
export async function checkCi(context: StepContext): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
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
  // An earlier version of the patch set has had its own.
  const present = Object.values(view.ci).filter(({ commit }) => commit === pullRequest.commit);
  if (isPatient(context, present.map(ciOutcome))) {
    if (events.length > 0) journal.commit({ events }, epoch);
    return { sleepUntilMs: deps.nowMs() + pollMs };
  }
  const gate = ciGate(present);
  events.push({ type: "gate.evaluated", data: gate });
  if (gate.status !== "fail") {
    const cause = gate.status === "skipped" ? "Done; the repository has no CI for this commit." : null;
    journal.commit({ events: [...events, move(view, "ci_passed", cause).event] }, epoch);
    return "again";
  }
  const back = move(view, "ci_failed", "CI failed on the pull request.");
  if (!back.ok) {
    const cause =
      "CI still fails after the work went back to the coder. Look at its log; resume looks at CI again, so that you can run it once more or push a repair.";
    journal.commit({ events: [...events, back.event, move(view, "ci_given_up", cause).event] }, epoch);
    return "again";
  }
  const text = ciFailedMessage(await failedLogs(context, present));
  journal.commit(
    {
      events: [...events, back.event],
      messages: [{ conversation: "coder", message: { role: "user", blocks: [{ type: "text", text }] } }],
    },
    epoch,
  );
  return "again";
}

/** Whether CI still runs, or the forge may still begin it. */
function isPatient({ deps, epoch, journal }: StepContext, outcomes: readonly ReturnType<typeof ciOutcome>[]): boolean {
  if (outcomes.length > 0) return outcomes.includes("running");
  const nowMs = deps.nowMs();
  const sinceMs = Number(journal.fact("ci_since_ms") ?? nowMs);
  // A clock that was set back would make the wait as long as its leap: count anew from the time that it shows now.
  if (nowMs < sinceMs) journal.commit({ events: [], facts: { ci_since_ms: String(nowMs) } }, epoch);
  return nowMs - sinceMs < noCiAfterMs;
}

async function failedLogs(
  { deps, journal }: StepContext,
  runs: readonly RunEventData<"ci.updated">[],
): Promise<readonly { readonly name: string; readonly log: string }[]> {
  const failed = runs.filter((run) => ciOutcome(run) === "failed").slice(0, maxLogs);
  return Promise.all(
    failed.map(async ({ name, workflowRunId }) => {
      try {
        const log = await deps.forge.getWorkflowRunLog(journal.spec.repository, workflowRunId, maxLogBytes);
        return { name, log: redactSecrets(log.toWellFormed()) };
      } catch (error) {
        if (!(error instanceof PortError) || error.kind === "transient") throw error;
        return { name, log: "(the forge did not give the log)" };
      }
    }),
  );
}

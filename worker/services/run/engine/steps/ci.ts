import type { NewRunEvent, RunEventData } from "../../../../../contracts/run-events.ts";
import { canonicalJson } from "../../../../../domain/canonical-json.ts";
import { ciGate, ciOutcome } from "../../../../../domain/gates/evaluate.ts";
import { ciFailedMessage } from "../../../../../domain/instruction/prompts.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import { applyEvent, type RunView } from "../../../../../domain/run/fold.ts";
import { isVerified, presentChecks, type LaneView } from "../../../../../domain/run/lane-view.ts";
import { deliveredLanes, hasFolders, laneOf } from "../../../../../domain/run/lanes.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { move } from "../../../../../domain/run/move.ts";
import { repositoryOf } from "../run-spec.ts";

/** Webhooks wake the run at once; a lost one delays it by this at most. */
const pollMs = 15_000;
/** The time that a forge gets to start CI before the run concludes that there is none. */
const noCiAfterMs = 90_000;
/** Failed workflow runs whose logs go to the coder, and how much of each. */
const maxLogs = 3;
const maxLogBytes = 8_000;

/** Begins to watch the CI of the pull requests. */
export function watchCi({ deps, epoch, journal }: StepContext): StepOutcome {
  journal.commit(
    { events: [move(journal.view(), "ci_watched").event], facts: facts.ciSinceMs.write(deps.nowMs()) },
    epoch,
  );
  return "again";
}

/**
 * Reads the workflow runs of each lane's head commit from the forge itself; a lane whose CI has ended well is not asked for again. When
 * all have ended, green ends the run. Red lanes go back to the coder with their failing logs, a bounded number of times, then to a
 * person; the others stay as they are.
 */
export async function checkCi(context: StepContext): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const events: NewRunEvent[] = [];
  let view = journal.view();
  const add = (event: NewRunEvent): void => {
    events.push(event);
    view = applyEvent(view, { ...event, atMs: 0 });
  };
  const watched = deliveredLanes(view).filter((lane) => lane.pullRequest !== undefined && !isVerified(lane));
  let isWaiting = false;
  for (const { id } of watched) {
    for (const event of await newChecks(context, laneOf(view, id))) add(event);
    const present = presentChecks(laneOf(view, id));
    if (isPatient(context, present.map(ciOutcome))) isWaiting = true;
    else for (const event of newGate(laneOf(view, id))) add(event);
  }
  if (isWaiting) {
    if (events.length > 0) journal.commit({ events }, epoch);
    return { sleepUntilMs: deps.nowMs() + pollMs };
  }
  const red = deliveredLanes(view).filter(({ gates }) => gates.G5?.status === "fail");
  if (red.length > 0) return goBack(context, view, red, events);
  journal.commit({ events: [...events, move(view, "ci_passed", passedCause(view)).event] }, epoch);
  return "again";
}

/** The check events that bring a lane up to what the forge says. */
async function newChecks({ deps, journal }: StepContext, lane: LaneView): Promise<readonly NewRunEvent[]> {
  const { pullRequest } = lane;
  if (pullRequest === undefined) return [];
  const runs = await deps.forge.listWorkflowRuns(repositoryOf(journal.spec, lane.id), pullRequest.commit);
  return runs.flatMap((run): readonly NewRunEvent[] => {
    const known = lane.ci[run.id];
    if (known?.status === run.status && known.conclusion === run.conclusion) return [];
    return [
      {
        type: "ci.updated",
        data: {
          repositoryId: lane.id,
          workflowRunId: run.id,
          name: run.name,
          commit: run.headCommit,
          status: run.status,
          conclusion: run.conclusion,
          url: run.url,
        },
      },
    ];
  });
}

/** Gate G5 of a lane whose CI has ended; none when it was recorded already. */
function newGate(lane: LaneView): readonly NewRunEvent[] {
  const gate = ciGate(presentChecks(lane));
  if (canonicalJson(gate) === canonicalJson(lane.gates.G5 ?? null)) return [];
  return [{ type: "gate.evaluated", data: { repositoryId: lane.id, ...gate } }];
}

async function goBack(
  context: StepContext,
  view: RunView,
  red: readonly LaneView[],
  events: readonly NewRunEvent[],
): Promise<StepOutcome> {
  const { epoch, journal } = context;
  const named = hasFolders(view) ? ` of ${red.map(({ name, owner }) => `${owner}/${name}`).join(", ")}` : "";
  const back = move(view, "ci_failed", `CI failed on the pull request${named}.`);
  if (!back.ok) {
    const cause =
      "CI still fails after the work went back to the coder. Look at its log; resume looks at CI again, so that you can run it once more or push a repair.";
    journal.commit({ events: [...events, back.event, move(view, "ci_given_up", cause).event] }, epoch);
    return "again";
  }
  const logs = await Promise.all(red.map((lane) => failedLogs(context, view, lane)));
  const text = ciFailedMessage(logs.flat());
  journal.commit(
    {
      events: [...events, back.event],
      messages: [{ conversation: "coder", message: { role: "user", blocks: [{ type: "text", text }] } }],
    },
    epoch,
  );
  return "again";
}

function passedCause(view: RunView): string | null {
  const without = deliveredLanes(view).filter(({ gates }) => gates.G5?.status === "skipped");
  if (without.length === 0) return null;
  if (!hasFolders(view)) return "Done; the repository has no CI for this commit.";
  return `Done; there is no CI for the commits of ${without.map(({ name, owner }) => `${owner}/${name}`).join(", ")}.`;
}

/** Whether CI still runs, or the forge may still begin it. */
function isPatient({ deps, epoch, journal }: StepContext, outcomes: readonly ReturnType<typeof ciOutcome>[]): boolean {
  if (outcomes.length > 0) return outcomes.includes("running");
  const nowMs = deps.nowMs();
  const sinceMs = facts.ciSinceMs.read(journal) ?? nowMs;
  // A clock that was set back would make the wait as long as its leap: count again from the time that it shows now.
  if (nowMs < sinceMs) journal.commit({ events: [], facts: facts.ciSinceMs.write(nowMs) }, epoch);
  return nowMs - sinceMs < noCiAfterMs;
}

async function failedLogs(
  { deps, journal }: StepContext,
  view: RunView,
  lane: LaneView,
): Promise<readonly { readonly name: string; readonly log: string }[]> {
  const failed = presentChecks(lane)
    .filter((run) => ciOutcome(run) === "failed")
    .slice(0, maxLogs);
  const nameOf = ({ name }: RunEventData<"ci.updated">): string =>
    hasFolders(view) ? `${name} of ${lane.owner}/${lane.name}` : name;
  return Promise.all(
    failed.map(async (run) => {
      try {
        const repository = repositoryOf(journal.spec, lane.id);
        const log = await deps.forge.getWorkflowRunLog(repository, run.workflowRunId, maxLogBytes);
        return { name: nameOf(run), log: redactSecrets(log.toWellFormed()) };
      } catch (error) {
        if (!(error instanceof PortError) || error.kind === "transient") throw error;
        return { name: nameOf(run), log: "(the forge did not give the log)" };
      }
    }),
  );
}

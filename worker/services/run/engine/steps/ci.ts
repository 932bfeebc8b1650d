import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { canonicalJson } from "../../../../../domain/canonical-json.ts";
import { ciFailedMessage } from "../../../../../domain/instruction/prompts.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import {
  askingChecks,
  checkClass,
  ciGate,
  ciVerdict,
  countedChecks,
  missingChecks,
  type Check,
  type CiVerdict,
} from "../../../../../domain/run/ci.ts";
import { applyEvent, type RunView } from "../../../../../domain/run/fold.ts";
import { isVerified, presentChecks, type LaneView } from "../../../../../domain/run/lane-view.ts";
import { deliveredLanes, hasFolders, laneOf } from "../../../../../domain/run/lanes.ts";
import { watchedCommit } from "../../../../../domain/run/watch.ts";
import { PortError } from "../../../../ports/errors.ts";
import type { ForgeCheck } from "../../../../ports/forge.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { move } from "../../../../../domain/run/move.ts";
import { repositoryOf } from "../run-spec.ts";
import { foreignRedText, pullsText, readPull, watchEndText } from "./pull-watch.ts";

/** Webhooks wake the run at once; a lost one delays it by this at most. */
const pollMs = 15_000;
/** The time that a required check gets to report before a person is asked. */
const requiredWithinMs = 3_600_000;
/** The time that a verdict may still change by itself. A forge gets a while to start CI before the run concludes that there is none. */
const patienceMs: Readonly<Record<Exclude<CiVerdict, "asks">, number>> = {
  waiting: Number.POSITIVE_INFINITY,
  missing: requiredWithinMs,
  none: 90_000,
  passed: 0,
  failed: 0,
};
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
 * Reads the checks of each lane's head commit from the forge itself; a lane whose CI has ended well is not asked for again. When
 * all have ended, green ends the run. Red lanes go back to the coder with their failing logs, a bounded number of times, then to a
 * person; the others stay as they are. A pull request that was merged closes its lane's watch; one that was closed or pushed over stops the run for a person. A check that only a person can move stops the run for one.
 */
export async function checkCi(context: StepContext): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const events: NewRunEvent[] = [];
  let view = journal.view();
  const add = (event: NewRunEvent): void => {
    events.push(event);
    view = applyEvent(view, { ...event, atMs: 0 });
  };
  const ask = (cause: string): StepOutcome => {
    // The wait begins anew when the run is resumed.
    const again = facts.ciSinceMs.write(null);
    journal.commit({ events: [...events, move(view, "human_needed", cause).event], facts: again }, epoch);
    return "again";
  };
  const watched = deliveredLanes(view).filter((lane) => lane.pullRequest !== undefined && !isVerified(lane));
  const verdicts = new Map<string, CiVerdict>();
  try {
    for (const { id } of watched) verdicts.set(id, await readCi(context, () => laneOf(view, id), add));
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== "no_checks_permission") throw error;
    return ask(
      "The checks of the pull request can't be read. Give the GitHub App the repository permissions Actions, Checks and Commit statuses: read, then resume.",
    );
  }
  // After the checks: a head that somebody pushed while they were read is seen before anything is concluded.
  for (const { id } of deliveredLanes(view)) for (const event of await readPull(context, laneOf(view, id))) add(event);
  const news = pullsText(view);
  if (news !== undefined) return ask(news);
  const waitedMs = waitedForCi(context);
  let isWaiting = false;
  for (const [id, verdict] of verdicts) {
    if (verdict === "asks" || isVerified(laneOf(view, id))) continue;
    if (patienceMs[verdict] > waitedMs) isWaiting = true;
    else if (verdict !== "missing") for (const event of newGate(laneOf(view, id))) add(event);
  }
  if (isWaiting) {
    if (events.length > 0) journal.commit({ events }, epoch);
    return { sleepUntilMs: deps.nowMs() + pollMs };
  }
  const red = deliveredLanes(view).filter(({ gates }) => gates.G5?.status === "fail");
  const foreign = foreignRedText(red);
  if (foreign !== undefined) return ask(foreign);
  if (red.length > 0) return goBack(context, view, red, events);
  const asking = watched
    .map(({ id }) => laneOf(view, id))
    .filter((lane) => !isVerified(lane))
    .flatMap((lane) => askText(view, lane, verdicts.get(lane.id)));
  if (asking.length > 0) return ask(`${asking.join(" ")} Resume looks at the checks again.`);
  journal.commit({ events: [...events, move(view, "ci_passed", passedCause(view)).event] }, epoch);
  return "again";
}

/** Brings a lane up to what the forge says of its checks, and judges them. */
async function readCi(
  { deps, journal }: StepContext,
  lane: () => LaneView,
  add: (event: NewRunEvent) => void,
): Promise<CiVerdict> {
  const { baseBranch, ci, id } = lane();
  const commit = watchedCommit(lane());
  if (commit === undefined) return "none";
  const repository = repositoryOf(journal.spec, id);
  const verdict = (): CiVerdict => ciVerdict(presentChecks(lane()), lane().requiredChecks);
  const checks = await deps.forge.listChecks(repository, commit);
  // Rules are read at the first look, and again before anything is concluded from them.
  const isFirst = Object.keys(ci).length === 0;
  for (const event of newChecks(lane(), checks)) add(event);
  if (isFirst || verdict() !== "waiting") {
    const required = await deps.forge.listRequiredChecks(repository, baseBranch);
    if (canonicalJson(required) !== canonicalJson(lane().requiredChecks))
      add({ type: "ci.required", data: { repositoryId: id, checks: [...required] } });
    for (const event of newChecks(lane(), checks)) add(event);
  }
  return verdict();
}

/** The events of checks that are new or have changed; jobs that no rule names are told by their workflow run. */
function newChecks(lane: LaneView, checks: readonly ForgeCheck[]): readonly NewRunEvent[] {
  const read = checks.map((check): Check => ({ repositoryId: lane.id, ...check }));
  return countedChecks(read, lane.requiredChecks).flatMap((data): readonly NewRunEvent[] => {
    const known = lane.ci[data.checkId];
    return known !== undefined && canonicalJson(known) === canonicalJson(data) ? [] : [{ type: "ci.updated", data }];
  });
}

/** Gate G5 of a lane whose CI has ended; none when it was recorded already. */
function newGate(lane: LaneView): readonly NewRunEvent[] {
  const gate = ciGate(presentChecks(lane), lane.requiredChecks);
  if (canonicalJson(gate) === canonicalJson(lane.gates.G5 ?? null)) return [];
  return [{ type: "gate.evaluated", data: { repositoryId: lane.id, ...gate } }];
}

/** The words to a person about a lane whose checks won't move by waiting. */
function askText(view: RunView, lane: LaneView, verdict: CiVerdict | undefined): readonly string[] {
  const named = hasFolders(view) ? ` of ${lane.owner}/${lane.name}` : "";
  const checks = presentChecks(lane);
  if (verdict === "asks")
    return [
      `Checks${named} wait for a person at the forge: ${askingChecks(checks, lane.requiredChecks).join(", ")}. Run them again or let them go on there.`,
    ];
  if (verdict !== "missing") return [];
  const missing = missingChecks(checks, lane.requiredChecks).map(({ name }) => name);
  return [
    `The branch ${lane.baseBranch}${named} requires checks that have not reported for ${requiredWithinMs / 60_000} minutes: ${missing.join(", ")}. See that they run for this pull request.`,
  ];
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
  const end = watchEndText(view);
  if (end !== null) return end;
  const without = deliveredLanes(view).filter(({ gates }) => gates.G5?.status === "skipped");
  if (without.length === 0) return null;
  if (!hasFolders(view)) return "Done; no check ran on this commit, so nothing but the run's own tests has proven it.";
  return `Done; no check ran on the commits of ${without.map(({ name, owner }) => `${owner}/${name}`).join(", ")}.`;
}

/** Milliseconds since the run began to wait for CI. */
function waitedForCi({ deps, epoch, journal }: StepContext): number {
  const nowMs = deps.nowMs();
  const sinceMs = facts.ciSinceMs.read(journal);
  // A clock that was set back would make the wait as long as its leap: count again from the time that it shows now.
  if (sinceMs === undefined || nowMs < sinceMs)
    journal.commit({ events: [], facts: facts.ciSinceMs.write(nowMs) }, epoch);
  return Math.max(0, nowMs - (sinceMs ?? nowMs));
}

async function failedLogs(
  { deps, journal }: StepContext,
  view: RunView,
  lane: LaneView,
): Promise<readonly { readonly name: string; readonly log: string }[]> {
  const failed = countedChecks(presentChecks(lane), lane.requiredChecks)
    // A job's log is a part of its workflow run's.
    .filter((check) => check.source !== "job" && checkClass(check) === "failed")
    .slice(0, maxLogs);
  const nameOf = ({ name }: Check): string => (hasFolders(view) ? `${name} of ${lane.owner}/${lane.name}` : name);
  return Promise.all(
    failed.map(async (run) => {
      if (run.source !== "workflow_run")
        return {
          name: nameOf(run),
          log: `(a check of another service, ${run.conclusion ?? ""}: ${run.url ?? "no link"})`,
        };
      try {
        const repository = repositoryOf(journal.spec, lane.id);
        const log = await deps.forge.getWorkflowRunLog(repository, run.checkId, maxLogBytes);
        return { name: nameOf(run), log: redactSecrets(log.toWellFormed()) };
      } catch (error) {
        if (!(error instanceof PortError) || error.kind === "transient") throw error;
        return { name: nameOf(run), log: "(the forge did not give the log)" };
      }
    }),
  );
}

import { isFinal } from "../../../../contracts/run.ts";
import { retryDelayMs } from "../../../../domain/run/backoff.ts";
import { isCancelling } from "../../../../domain/run/cancelling.ts";
import { isWaiting, type RunView } from "../../../../domain/run/fold.ts";
import type { SandboxHandle, SandboxPort } from "../../../ports/sandbox.ts";
import type { EngineDeps, StepContext, StepOutcome } from "./deps.ts";
import { facts } from "./facts.ts";
import type { RunJournal } from "./journal.ts";

/** Failures in a row to destroy a sandbox, about an hour, after which the run rests and the sweep and the host's lease end it. */
const maxReleaseFailures = 20;

/** The sandbox port of a run, by its project's settings. Throws PortError where no driver of the deployment honours them. */
export function sandboxOf({ deps, journal }: Pick<StepContext, "deps" | "journal">): SandboxPort {
  return deps.sandboxFor(journal.spec.sandbox).port;
}

/** The sandbox's id of a run. Further sandboxes of the run are named `<this id>-<purpose>`. */
export function sandboxId(runId: string): string {
  return `run-${runId}`;
}

/** The run that a sandbox was made for, by the sandbox's id; undefined for one that no run asked for. */
export function runOfSandbox(id: string): number | undefined {
  const digits = /^run-(\d{1,15})(?:-|$)/u.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Records that the run asks for a sandbox, then opens it: whatever happens afterwards, the run destroys every sandbox that it asked
 * for. Throws PortError, and StaleStep when the run has moved on before it was asked for.
 */
export async function openSandbox(context: StepContext, id: string): Promise<SandboxHandle> {
  const { deps, epoch, journal } = context;
  const { limits, port } = deps.sandboxFor(journal.spec.sandbox);
  const asked = askedSandboxes(journal);
  if (!asked.includes(id)) journal.commit({ events: [], facts: facts.sandboxes.write([...asked, id]) }, epoch);
  return port.open({ id, env: {}, ...limits });
}

/**
 * Does `work` in a sandbox and destroys the sandbox as soon as the step is aborted, so that a long upload ends at once. The work then
 * fails by itself, since its sandbox is gone.
 */
export async function destroyedOnAbort<T>(context: StepContext, id: string, work: () => Promise<T>): Promise<T> {
  const { deps, journal, signal } = context;
  // A failure is of no account here: the run destroys the sandbox again before it rests.
  const destroy = (): void =>
    void sandboxOf({ deps, journal })
      .destroy(id)
      .catch(() => undefined);
  if (signal.aborted) destroy();
  signal.addEventListener("abort", destroy, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", destroy);
  }
}

/** True while a run takes no step: it has ended, waits for a person, or is paused. */
export function isResting(view: RunView): boolean {
  return isFinal(view.state) || (!isCancelling(view) && (isWaiting(view.state) || view.paused));
}

/** The sandboxes that a run may be using: none while it rests. A sandbox that no run holds is to be destroyed. */
export function heldSandboxes(journal: RunJournal): readonly string[] {
  return isResting(journal.view()) ? [] : askedSandboxes(journal);
}

/**
 * Destroys the sandboxes of a run that rests: the saved changes are enough to make them again. Returns when to try again while the host
 * does not answer, `idle` when nothing is left to do. Never throws.
 */
export async function releaseSandboxes(deps: EngineDeps, journal: RunJournal): Promise<StepOutcome | "idle"> {
  const ids = askedSandboxes(journal);
  if (ids.length === 0) return "idle";
  try {
    for (const id of ids) await sandboxOf({ deps, journal }).destroy(id);
  } catch (error) {
    const failures = (facts.releaseFailures.read(journal) ?? 0) + 1;
    deps.log("warn", "sandbox not released", { runId: journal.spec.runId, failures, detail: String(error) });
    if (failures > maxReleaseFailures) return "idle";
    journal.commit({ events: [], facts: facts.releaseFailures.write(failures) });
    return { sleepUntilMs: deps.nowMs() + retryDelayMs(failures - 1, deps.random(), undefined) };
  }
  const seeded = facts.workspaceGeneration.read(journal) !== undefined;
  journal.commit({
    events: [],
    facts: {
      ...facts.sandboxes.write(null),
      ...facts.releaseFailures.write(null),
      ...(seeded ? facts.workspaceGeneration.write("released") : {}),
    },
  });
  return "idle";
}

/** The sandboxes that a run asked for and has not destroyed yet. A run of before this was recorded has only the one of its work. */
function askedSandboxes(journal: RunJournal): readonly string[] {
  const asked = facts.sandboxes.read(journal);
  if (asked !== undefined) return asked;
  const generation = facts.workspaceGeneration.read(journal);
  return generation === undefined || generation === "released" ? [] : [sandboxId(journal.spec.runId)];
}

import * as z from "zod";
import type { ServiceDeps } from "../../context.ts";
import { runOfSandbox } from "../run/engine/sandboxes.ts";

export type SandboxSweepDeps = Pick<ServiceDeps, "log" | "now" | "runs" | "sandboxes">;

/** A run that has just asked for a sandbox is left alone. */
const youngMs = 60_000;
const batch = 200;
const heldSchema = z.array(z.string());

/**
 * Destroys the sandboxes that their run does not hold: it has ended, waits, was never started here, or its object died before it could
 * give them back. A sandbox that no run asked for is left to the host's own lease. A host or a run that does not answer is logged and
 * looked at by the next sweep. Never throws.
 */
export async function sweepSandboxes(deps: SandboxSweepDeps): Promise<void> {
  const { log, now, sandboxes } = deps;
  if (sandboxes === undefined) return;
  try {
    const open = await sandboxes.listOpen();
    const old = open
      .filter(({ startedAtMs }) => now() - startedAtMs > youngMs)
      .toSorted((a, b) => a.startedAtMs - b.startedAtMs)
      .slice(0, batch);
    for (const { id } of old) {
      const runId = runOfSandbox(id);
      if (runId === undefined || (await isHeld(deps, runId, id))) continue;
      await sandboxes.destroy(id);
      log("warn", "a sandbox that its run does not hold was destroyed", { runId: String(runId), sandbox: id });
    }
  } catch (error) {
    log("warn", "sandboxes not swept", { detail: String(error) });
  }
}

/** True also when the run does not answer, or a store that it needs does not: nothing is destroyed by mistake. */
async function isHeld({ log, runs }: SandboxSweepDeps, runId: number, id: string): Promise<boolean> {
  try {
    const answer = await runs.read(runId, { kind: "sandboxes" });
    if (answer === null) return false;
    return typeof answer !== "string" || heldSchema.parse(JSON.parse(answer)).includes(id);
  } catch (error) {
    log("warn", "sandbox not looked at", { runId: String(runId), sandbox: id, detail: String(error) });
    return true;
  }
}

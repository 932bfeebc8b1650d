import { lookAgainMs } from "../../../domain/run/watch.ts";
import type { ServiceDeps } from "../../context.ts";
import { listRunsToLook, planLook } from "../../db/stores/open-pulls.ts";
import { systemCaller } from "../../ports/run-host.ts";

export type OpenPullsDeps = Pick<ServiceDeps, "db" | "log" | "now" | "runs">;

/** The most runs that one sweep lets look. */
const batch = 20;
/** A run whose look failed looks again after this time. */
const retryMs = 3_600_000;
const caller = systemCaller("sweep");

/**
 * Lets runs that have ended look at the pull requests that they left open: whoever merged or closed one may have told them by a webhook that
 * was lost. Each look is planned before it is made, so that sweeps side by side make it once; the older a run is, the rarer it looks. A look
 * that fails is logged and planned anew. Never throws.
 */
export async function lookAtOpenPulls(deps: OpenPullsDeps): Promise<void> {
  const { db, log, now } = deps;
  try {
    const nowMs = now();
    const [first, ...rest] = await listRunsToLook(db, nowMs, batch);
    if (first === undefined) return;
    const plan = ({ finishedAtMs, id, tenantId }: typeof first) =>
      planLook(db, tenantId, id, nowMs + lookAgainMs(nowMs - (finishedAtMs ?? nowMs)));
    await db.batch([plan(first), ...rest.map(plan)]);
    await Promise.all([first, ...rest].map(async (run) => look(deps, run)));
  } catch (error) {
    log("warn", "open pull requests not swept", { detail: String(error) });
  }
}

async function look(
  { db, log, now, runs }: OpenPullsDeps,
  { id, tenantId }: { readonly id: number; readonly tenantId: number },
): Promise<void> {
  try {
    const result = await runs.command(id, caller, { kind: "look_at_pulls" });
    if (result.ok) return;
    log("warn", "open pull requests not looked at", { runId: String(id), code: result.code });
  } catch (error) {
    log("error", "open pull requests not looked at", { runId: String(id), detail: String(error) });
  }
  await planLook(db, tenantId, id, now() + retryMs);
}

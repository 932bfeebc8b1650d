import type { Approval, DecidePatchSet, PatchSet } from "../../../contracts/patch-set.ts";
import type { Run } from "../../../contracts/run.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { ServiceError } from "../../errors.ts";
import type { CommandResult } from "../../ports/run-host.ts";
import { getRun } from "./read-run.ts";

/** Cancels a run. `dev` and above. `conflict` when it has ended. Answers the run as it is at once. */
export async function cancelRunCommand(context: ServiceContext, id: number): Promise<Run> {
  requireRole(context, "dev");
  await getRun(context, id);
  expectOk(await context.runs.cancel(id, personOf(context)));
  await audit(context, "run.cancelled", id, {});
  return getRun(context, id);
}

/** Resumes a run that needs a human. `dev` and above. `run_not_waiting` otherwise. */
export async function resumeRunCommand(context: ServiceContext, id: number): Promise<Run> {
  requireRole(context, "dev");
  await getRun(context, id);
  expectOk(await context.runs.resume(id, personOf(context)));
  await audit(context, "run.resumed", id, {});
  return getRun(context, id);
}

/** Records a decision on a patch set. `dev` and above. See `decidePatchSet` for the refusals. */
export async function decideCommand(context: ServiceContext, id: number, hash: string, decision: DecidePatchSet): Promise<PatchSet> {
  requireRole(context, "dev");
  await getRun(context, id);
  expectOk(await context.runs.decide(id, { ...decision, hash, by: personOf(context) }));
  await audit(context, `patch_set.${decision.decision}`, id, { hash, baseCommit: decision.baseCommit });
  const { items }: { items: PatchSet[] } = JSON.parse(await context.runs.patchSetsJson(id));
  const decided = items.find((patchSet) => patchSet.hash === hash);
  if (decided === undefined) throw new Error("the patch set that was decided is gone");
  return decided;
}

function personOf({ user }: ServiceContext): Approval["by"] {
  return { id: String(user.id), name: user.name, avatarUrl: user.avatarUrl };
}

function expectOk(result: CommandResult): void {
  if (!result.ok) throw new ServiceError(result.code, result.detail);
}

async function audit(context: ServiceContext, action: string, id: number, data: Readonly<Record<string, unknown>>): Promise<void> {
  await recordAudit(context.db, { ...context, atMs: context.now() }, { action, subject: `run:${id}`, data });
}

import type { Approval, DecidePatchSet, PatchSet } from "../../../contracts/patch-set.ts";
import { readBack } from "../../../domain/read-back.ts";
import { modes } from "../../../domain/run/modes.ts";
import type { Run, RunLimits } from "../../../contracts/run.ts";
import { requireRole, type ServiceContext } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { ServiceError } from "../../errors.ts";
import type { CommandResult } from "../../ports/run-host.ts";
import { refuseSpent } from "../budget/refuse-spent.ts";
import { getRun } from "./read-run.ts";
import { runToSteer } from "./run-role.ts";

/** Cancels a run. `dev` and above, `qa` for a review. `conflict` when it has ended. Answers the run as it is at once. */
export async function cancelRunCommand(context: ServiceContext, id: number): Promise<Run> {
  await runToSteer(context, id);
  expectOk(await context.runs.cancel(id, personOf(context)));
  await audit(context, "run.cancelled", id, {});
  return getRun(context, id);
}

/**
 * Resumes a run that needs a human. `dev` and above, `qa` for a review. `run_not_waiting` otherwise, and while a limit would stop
 * it at once.
 */
export async function resumeRunCommand(context: ServiceContext, id: number): Promise<Run> {
  await refuseSpent(context, await runToSteer(context, id));
  expectOk(await context.runs.resume(id, personOf(context)));
  await audit(context, "run.resumed", id, {});
  return getRun(context, id);
}

/** Records a decision on what waits. `dev` and above. See `decidePatchSet` for the refusals. Null when it was a plan or a review. */
export async function decideCommand(
  context: ServiceContext,
  id: number,
  hash: string,
  decision: DecidePatchSet,
): Promise<PatchSet | null> {
  requireRole(context, "dev");
  const { mode } = await getRun(context, id);
  expectOk(await context.runs.decide(id, { ...decision, hash, by: personOf(context) }));
  await audit(context, `${modes[mode].auditSubject}.${decision.decision}`, id, {
    hash,
    baseCommit: decision.baseCommit,
  });
  const { items }: { items: PatchSet[] } = readBack(await context.runs.patchSetsJson(id));
  return items.find((patchSet) => patchSet.hash === hash) ?? null;
}

/** Pauses a run. `dev` and above, `qa` for a review. `conflict` when it has ended or is paused. */
export async function pauseRunCommand(context: ServiceContext, id: number): Promise<Run> {
  await runToSteer(context, id);
  expectOk(await context.runs.pause(id, personOf(context)));
  await audit(context, "run.paused", id, {});
  return getRun(context, id);
}

/** Answers the agent's question, and the run goes on. `dev` and above, `qa` for a review. `run_not_waiting` when none is open. */
export async function answerCommand(context: ServiceContext, id: number, answer: string): Promise<Run> {
  await runToSteer(context, id);
  expectOk(await context.runs.answer(id, personOf(context), answer));
  await audit(context, "run.answered", id, {});
  return getRun(context, id);
}

/** Queues a message for the agent's next turn. `dev` and above, `qa` for a review. Answers its id. */
export async function sendMessageCommand(
  context: ServiceContext,
  id: number,
  text: string,
): Promise<{ readonly messageId: string }> {
  await runToSteer(context, id);
  const messageId = crypto.randomUUID();
  expectOk(await context.runs.sendMessage(id, personOf(context), messageId, text));
  await audit(context, "run.message_sent", id, { messageId });
  return { messageId };
}

/** Edits a message that still waits, or removes it (text null). `dev` and above, `qa` for a review. */
export async function changeMessageCommand(
  context: ServiceContext,
  id: number,
  messageId: string,
  text: string | null,
): Promise<void> {
  await runToSteer(context, id);
  expectOk(await context.runs.changeMessage(id, personOf(context), messageId, text));
  await audit(context, text === null ? "run.message_removed" : "run.message_edited", id, { messageId });
}

/** Sets what the run may use up. `dev` and above. */
export async function setLimitsCommand(context: ServiceContext, id: number, limits: RunLimits): Promise<Run> {
  requireRole(context, "dev");
  await getRun(context, id);
  expectOk(await context.runs.setLimits(id, personOf(context), limits));
  await audit(context, "run.limits_set", id, { ...limits });
  return getRun(context, id);
}

function personOf({ user }: ServiceContext): Approval["by"] {
  return { id: String(user.id), name: user.name, avatarUrl: user.avatarUrl };
}

function expectOk(result: CommandResult): void {
  if (!result.ok) throw new ServiceError(result.code, result.detail);
}

async function audit(
  context: ServiceContext,
  action: string,
  id: number,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  await recordAudit(context.db, { ...context, atMs: context.now() }, { action, subject: `run:${id}`, data });
}

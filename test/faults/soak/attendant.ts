import { setTimeout as sleep } from "node:timers/promises";
import { isFinal, type Run, type StartRun } from "../../../contracts/run.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { fold } from "../../../domain/run/fold.ts";
import type { ApiClient } from "../../../local/stack/client.ts";
import { EventGap } from "../../../local/stack/run-socket.ts";

/** The time without an event, while the Worker is up, after which the soak calls a run stuck. */
const stuckAfterMs = 180_000;

/** A run with what its browser saw. */
export interface Attended {
  readonly run: Run;
  readonly seen: RunEvent[];
  problem: string | undefined;
}

/** Tries until the Worker takes it: it may be dead just now. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + stuckAfterMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

/** Starts a run by a key of its own, so that a start whose answer was lost is not a second run. */
export async function startAttended(client: ApiClient, request: StartRun): Promise<Attended> {
  const idempotencyKey = crypto.randomUUID();
  const run = await persist(() => client.startRun({ ...request, idempotencyKey }));
  return { run, seen: [], problem: undefined };
}

/** Follows a run to its end over every death of the Worker, as a browser does, and approves when asked. */
export async function attend(client: ApiClient, attended: Attended): Promise<void> {
  const { run, seen } = attended;
  let lastNewsAt = Date.now();
  while (attended.problem === undefined) {
    try {
      if (fold(seen).state === "WAITING_APPROVAL") await approve(client, run.id);
      const since = seen.at(-1)?.seq ?? 0;
      for await (const event of client.followEvents(run.id, { since, signal: AbortSignal.timeout(20_000) })) {
        seen.push(event);
        lastNewsAt = Date.now();
        if (event.type !== "run.state_changed") continue;
        if (isFinal(event.data.to) || event.data.to === "NEEDS_HUMAN") return;
        if (event.data.to === "WAITING_APPROVAL") await approve(client, run.id);
      }
    } catch (error) {
      if (error instanceof EventGap) attended.problem = error.message;
    }
    if (Date.now() - lastNewsAt > stuckAfterMs) attended.problem = `stuck in ${fold(seen).state}`;
    await sleep(100);
  }
}

async function approve(client: ApiClient, runId: string): Promise<void> {
  const patchSet = (await client.patchSets(runId)).find(({ approval, superseded }) => !superseded && approval === null);
  if (patchSet !== undefined)
    await client.decide(runId, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
}

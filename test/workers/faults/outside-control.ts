import { outside } from "../outside/addresses.ts";
import { outsideLedgerSchema, type Fault, type OutsideLedger } from "../outside/ledger.ts";
import * as z from "zod";

async function tell(path: string, body: unknown = {}): Promise<Response> {
  const response = await fetch(`${outside.control}${path}`, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** Forgets everything that happened to the other sides, and every fault. */
export async function resetOutside(): Promise<void> {
  await tell("/reset");
}

/** Plans a fault. */
export async function planFault(fault: Fault): Promise<void> {
  await tell("/faults", fault);
}

/** Sets the state of CI for every commit. */
export async function setCi(status: "in_progress" | "completed", conclusion: string | null): Promise<void> {
  await tell("/ci", { status, conclusion });
}

/** Lets go of every request that is kept; no more faults. */
export async function clearFaults(): Promise<void> {
  await tell("/clear");
}

/** The other sides' own account. */
export async function outsideLedger(): Promise<OutsideLedger> {
  return outsideLedgerSchema.parse(await (await tell("/ledger")).json());
}

/** Waits until a request is kept, at most 5 s; its `METHOD url`. Undefined when none came. */
export async function heldRequest(): Promise<string | undefined> {
  return until(async () => z.array(z.string()).parse(await (await tell("/held")).json())[0], 5_000);
}

/** Asks until the answer is something, at most `withinMs`. */
export async function until<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  withinMs = 10_000,
): Promise<T | undefined> {
  const deadline = performance.now() + withinMs;
  // Every question costs the Worker as much as a step of the run that is waited for.
  for (let pauseMs = 10; ; pauseMs = Math.min(60, pauseMs * 1.5)) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

import { abortAllDurableObjects } from "cloudflare:test";
import { expect } from "vitest";
import type { Fault } from "../outside/ledger.ts";
import { checkRun } from "./invariants.ts";
import { clearFaults, heldRequest, planFault, until } from "./outside-control.ts";
import type { RunWorld } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

/** A request of a run's loop at which the run is disturbed. */
export interface Moment {
  readonly name: string;
  /** Regular expression over `METHOD url`; `{second}` and `{third}` stand for the owners of the run's repositories. */
  readonly match: string;
  readonly skip?: number;
  /** The request comes after a person has approved. */
  readonly late?: boolean;
}

/** Walks a new run until the request of the moment is kept. Answers the run's id. */
export async function walkTo(
  world: RunWorld,
  moment: Moment,
  how: Fault["how"],
  prompt: string,
  watcherOf?: (runId: string) => Promise<void>,
): Promise<string> {
  const [, second, third] = world.repositories;
  const match = moment.match.replace("{second}", second?.owner ?? "").replace("{third}", third?.owner ?? "");
  const fault = { match, skip: moment.skip ?? 0, how };
  if (moment.late !== true) await planFault(fault);
  const { id } = await world.start(prompt);
  await watcherOf?.(id);
  if (moment.late === true) {
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await planFault(fault);
    await world.decide(id);
  }
  expect(await heldRequest(), `${moment.name} is asked for`).toMatch(new RegExp(match, "u"));
  return id;
}

/** Brings a run that was disturbed to its end. */
export async function finish(world: RunWorld, moment: Moment, id: string): Promise<void> {
  const ended = moment.late === true ? await world.reaches(id, ["DONE", "NEEDS_HUMAN"]) : await world.approveToEnd(id);
  expect(ended).toMatchObject({ state: "DONE", cause: null });
}

/** Ends the object of a new run before the request of the moment is done, and checks that the run and its browser go on. */
export async function dieWatched(world: RunWorld, moment: Moment): Promise<void> {
  let watcher: Watcher | undefined;
  const id = await walkTo(world, moment, "hold_before", "note-abort-before", async (runId) => {
    watcher = new Watcher(world.client, runId);
    await watcher.connect();
  });
  await abortAllDurableObjects();
  await clearFaults();
  expect(await until(() => (watcher?.closed === true ? true : undefined))).toBe(true);
  await watcher?.connect();
  expect(await world.afterAlarm(id), "a deadman alarm was left behind").toBe(true);
  await finish(world, moment, id);
  if (watcher === undefined) throw new Error("nobody watched");
  await checkRun(world, id, { watcher, lostCalls: 1 });
}

/** Ends the object of a new run once the request of the moment was done but not answered, and checks that the run goes on alone. */
export async function dieUnwatched(world: RunWorld, moment: Moment): Promise<void> {
  const id = await walkTo(world, moment, "hold_after", "note-abort-after");
  await abortAllDurableObjects();
  await clearFaults();
  expect(await world.afterAlarm(id), "a deadman alarm was left behind").toBe(true);
  await finish(world, moment, id);
  await checkRun(world, id, { lostCalls: 1 });
}

import { abortAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import type { Fault } from "../outside/ledger.ts";
import { checkRun } from "./invariants.ts";
import { clearFaults, heldRequest, planFault, resetOutside, until } from "./outside-control.ts";
import { runObject, RunWorld } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

/*
 * A run's object is lost while a request of its loop is under way: before the other side did what was asked, or after it did and
 * before the object got the answer. The loop resumes from the journal, and nothing is lost or doubled.
 */
beforeEach(resetOutside);

interface Moment {
  readonly name: string;
  readonly match: string;
  readonly skip?: number;
  /** The request comes after a person has approved. */
  readonly late?: boolean;
}

const moments: readonly Moment[] = [
  { name: "the branch's head", match: "GET .*/git/ref/" },
  { name: "the tarball", match: "GET .*/tarball/" },
  { name: "a sandbox's opening", match: "POST .*/v1/sandboxes/run-[0-9]+$" },
  { name: "the first model call", match: "POST .*/v1/messages" },
  { name: "a later model call", match: "POST .*/v1/messages", skip: 2 },
  { name: "a file's writing", match: "PUT .*/file" },
  { name: "a shell command", match: "POST .*/exec" },
  { name: "the saving of the work", match: "GET .*/changes" },
  { name: "the tester's first suite", match: "POST .*/exec", skip: 1 },
  { name: "a blob's upload", match: "POST .*/git/blobs", late: true },
  { name: "the commit", match: "POST .*/git/commits", late: true },
  { name: "the branch", match: "POST .*/git/refs", late: true },
  { name: "the pull request", match: "POST .*/pulls", late: true },
  { name: "CI", match: "GET .*/actions/runs", late: true },
];

/** Walks a run until the request of the moment is kept. */
async function walkTo(
  world: RunWorld,
  moment: Moment,
  how: Fault["how"],
  prompt: string,
  watcherOf?: (runId: string) => Promise<void>,
): Promise<string> {
  const fault = { match: moment.match, skip: moment.skip ?? 0, how };
  if (moment.late !== true) await planFault(fault);
  const { id } = await world.start(prompt);
  await watcherOf?.(id);
  if (moment.late === true) {
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await planFault(fault);
    await world.decide(id);
  }
  expect(await heldRequest(), `${moment.name} is asked for`).toMatch(new RegExp(moment.match, "u"));
  return id;
}

async function finish(world: RunWorld, moment: Moment, id: string): Promise<void> {
  const ended = moment.late === true ? await world.reaches(id, ["DONE", "NEEDS_HUMAN"]) : await world.approveToEnd(id);
  expect(ended).toMatchObject({ state: "DONE", cause: null });
}

describe("an object that dies", () => {
  test.each(moments)("before $name is done goes on, with a browser that watches", async (moment) => {
    const world = await RunWorld.shared();
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
  });

  test.each(moments)("after $name was done resumes without a watcher", async (moment) => {
    const world = await RunWorld.shared();
    const id = await walkTo(world, moment, "hold_after", "note-abort-after");
    await abortAllDurableObjects();
    await clearFaults();
    expect(await world.afterAlarm(id), "a deadman alarm was left behind").toBe(true);
    await finish(world, moment, id);
    await checkRun(world, id, { lostCalls: 1 });
  });
});

describe("an object that is evicted", () => {
  const some = moments.filter(({ name }) => /later model call|shell|commit|CI/u.test(name));

  test.each(some)("while $name is under way keeps its sockets, and each sees every event once", async (moment) => {
    const world = await RunWorld.shared();
    const watchers: Watcher[] = [];
    const id = await walkTo(world, moment, "hold_after", "note-evict", async (runId) => {
      for (let browser = 0; browser < 2; browser += 1) watchers.push(new Watcher(world.client, runId));
      for (const watcher of watchers) await watcher.connect();
    });
    const evicted = evictDurableObject(runObject(id));
    await clearFaults();
    await evicted;
    await finish(world, moment, id);
    for (const watcher of watchers) {
      expect(watcher.closed, "the socket lived on").toBe(false);
      await checkRun(world, id, { watcher, lostCalls: 1 });
    }
  });

  test("while it waits for a person is there again when the person decides, with its sockets", async () => {
    const world = await RunWorld.shared();
    const { id } = await world.start("note-evict-waiting");
    const watcher = new Watcher(world.client, id);
    await watcher.connect();
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await evictDurableObject(runObject(id));
    await world.decide(id);
    expect((await world.reaches(id, ["DONE", "NEEDS_HUMAN"])).state).toBe("DONE");
    expect(watcher.closed).toBe(false);
    await checkRun(world, id, { watcher });
  });
});

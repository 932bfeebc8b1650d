import { abortAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import { checkRun } from "./invariants.ts";
import { dieUnwatched, dieWatched, finish, walkTo, type Moment } from "./moments.ts";
import { clearFaults, heldRequest, planFault, resetOutside } from "./outside-control.ts";
import { runObject, RunWorld } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

/*
 * A run's object is lost while a request of its loop is under way: before the other side did what was asked, or after it did and
 * before the object got the answer. The loop resumes from the journal, and nothing is lost or doubled.
 */
beforeEach(resetOutside);

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

/** Requests for one repository of a run over three, while others wait or are done. */
const laneMoments: readonly Moment[] = [
  { name: "the second repository's tarball", match: "GET .*/{second}/one/tarball/" },
  { name: "the second repository's file", match: "PUT .*/file.*{second}-one" },
  { name: "the third repository's shell command", match: "POST .*/exec", skip: 2 },
  { name: "the saving of the third repository's work", match: "GET .*/changes.*{third}-one" },
  { name: "the second repository's blob", match: "POST .*/{second}/one/git/blobs", late: true },
  { name: "the third repository's CI", match: "GET .*/{third}/one/actions/runs", late: true },
];

describe("an object that dies", () => {
  test.each(moments)("before $name is done goes on, with a browser that watches", async (moment) => {
    await dieWatched(await RunWorld.shared(), moment);
  });

  test.each(moments)("after $name was done resumes without a watcher", async (moment) => {
    await dieUnwatched(await RunWorld.shared(), moment);
  });
});

describe("an object of a run over three repositories that dies", () => {
  test.each(laneMoments)("before $name is done goes on, with a browser that watches", async (moment) => {
    await dieWatched(await RunWorld.shared(3), moment);
  });

  test.each(laneMoments)("after $name was done resumes without a watcher", async (moment) => {
    await dieUnwatched(await RunWorld.shared(3), moment);
  });

  test.each(["hold_before", "hold_after"] as const)(
    "at every write of every repository (%s) writes each once",
    async (how) => {
      const world = await RunWorld.shared(3);
      const { id } = await world.start("note-abort-writes");
      await world.reaches(id, ["WAITING_APPROVAL"]);
      const writes = ["POST .*/{owner}/one/git/commits", "POST .*/{owner}/one/git/refs", "POST .*/{owner}/one/pulls$"];
      const requests = [...writes, "PATCH .*/{owner}/one/pulls/1$"].flatMap((write) =>
        world.repositories.map(({ owner }) => write.replace("{owner}", owner)),
      );
      await planFault({ match: requests[0] ?? "", how });
      await world.decide(id);
      for (const [index, request] of requests.entries()) {
        expect(await heldRequest(), request).toMatch(new RegExp(request, "u"));
        await abortAllDurableObjects();
        await clearFaults();
        const next = requests[index + 1];
        if (next !== undefined) await planFault({ match: next, how });
        // The alarm ends with the object's next death.
        void world.afterAlarm(id).catch(() => false);
      }
      expect(await world.reaches(id, ["DONE", "NEEDS_HUMAN"])).toMatchObject({ state: "DONE", cause: null });
      await checkRun(world, id, { lostCalls: requests.length });
    },
  );
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

import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { auditOf, newMember } from "../client.ts";
import { checkRun } from "./invariants.ts";
import { clearFaults, heldRequest, planFault, resetOutside } from "./outside-control.ts";
import { as, ProductApi, RunWorld } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

beforeEach(resetOutside);
afterEach(() => void vi.restoreAllMocks());

const verbs = ["approve", "reject", "cancel"] as const;
const orders = verbs.flatMap((a) => verbs.filter((b) => b !== a).map((b) => [a, b] as const));

describe("at the same instant", () => {
  test.each(orders)("%s and %s, and a third: the run takes one way, and says so to each", async (first, second) => {
    const third = verbs.find((verb) => verb !== first && verb !== second) ?? "cancel";
    const world = await RunWorld.shared();
    const { id } = await world.start("note-instant");
    const watcher = new Watcher(world.client, id);
    await watcher.connect();
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const act = (verb: (typeof verbs)[number]): Promise<Response> =>
      verb === "cancel" ? world.client.send("POST", `/api/runs/${id}/cancel`, {}) : world.decide(id, verb);
    const answers = await Promise.all(
      [first, second, third].map(async (verb) => [verb, (await act(verb)).status] as const),
    );
    const said = new Map(answers);
    const { state } = await world.reaches(id, ["DONE", "FAILED", "CANCELLED", "NEEDS_HUMAN"]);
    const { events } = await checkRun(world, id, { watcher });
    const decided = events.flatMap((event) => (event.type === "approval.decided" ? [event.data.decision] : []));
    for (const verb of verbs) expect([200, 409]).toContain(said.get(verb));
    // An acknowledged command is in the log, a refused one is not, and the last decision is the state.
    expect(decided.includes("approve")).toBe(said.get("approve") === 200);
    expect(decided.includes("reject")).toBe(said.get("reject") === 200);
    expect(decided.length).toBeLessThanOrEqual(1);
    if (said.get("cancel") === 200) expect(state).toBe("CANCELLED");
    else expect(state).toBe(decided[0] === "approve" ? "DONE" : "FAILED");
  });

  test("ten approvals of several people write once, and the log names the one that counted", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-approvals");
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const { baseCommit, hash } = await world.patchSet(id);
    const other = await newMember(world.me.activeTenantId, "dev");
    const people = [world.client, as(other.client, new ProductApi())];
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const path = `/api/runs/${id}/patch-sets/${hash}/decision`;
        return (await (people[index % 2] ?? world.client).send("POST", path, { decision: "approve", baseCommit }))
          .status;
      }),
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
    await world.reaches(id, ["DONE"]);
    const { events, outside } = await checkRun(world, id);
    expect(events.filter(({ type }) => type === "approval.decided")).toHaveLength(1);
    expect(outside.commits.filter(({ owner }) => owner === `org-${world.installation}`)).toHaveLength(1);
  });
});

describe("a clock", () => {
  const realNow = Date.now;
  const setClock = (offsetMs: number): void =>
    void vi.spyOn(Date, "now").mockImplementation(() => realNow() + offsetMs);

  test.each([
    ["an hour", -3_600_000],
    ["a month", -30 * 86_400_000],
  ])("that goes back by %s changes neither the order of things nor what is recorded", async (_name, offsetMs) => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-clock");
    const before = await world.reaches(id, ["WAITING_APPROVAL"]);
    const auditBefore = await auditOf(world.me.activeTenantId);
    setClock(offsetMs);
    await world.decide(id);
    const after = await world.reaches(id, ["DONE"]);
    vi.restoreAllMocks();
    // The row follows the events' numbers, not their times.
    expect(after.headSeq).toBeGreaterThan(before.headSeq);
    expect(after.updatedAtMs).toBeLessThan(before.updatedAtMs);
    const { events } = await checkRun(world, id);
    for (const event of events) {
      if ("durationMs" in event.data) expect(event.data.durationMs).toBeGreaterThanOrEqual(0);
      if ("latencyMs" in event.data) expect(event.data.latencyMs).toBeGreaterThanOrEqual(0);
    }
    // The audit log is in the order of the commands, independently of the clock.
    const audit = await auditOf(world.me.activeTenantId);
    expect(audit.slice(0, auditBefore.length)).toEqual(auditBefore);
    expect(audit.slice(auditBefore.length)).toEqual([{ action: "patch_set.approve", subject: `run:${id}` }]);
    const rows = await env.DB.prepare("select at_ms from audit where subject = ? order by id").bind(`run:${id}`).all<{
      at_ms: number;
    }>();
    expect(rows.results.at(-1)?.at_ms).toBeLessThan(rows.results[0]?.at_ms ?? 0);
  });

  test.each([
    ["the first model call", "POST .*/v1/messages", 0],
    ["a later model call", "POST .*/v1/messages", 1],
    ["the review's model call", "POST .*/v1/messages", 3],
    ["a file's writing", "PUT .*/file", 0],
    ["a shell command", "POST .*/exec", 0],
  ])("that goes back during %s stops nothing and mixes nothing up", async (_name, match, skip) => {
    const world = await RunWorld.make();
    await planFault({ match, skip, how: "hold_after" });
    const { id } = await world.start("note-clock-midway");
    await heldRequest();
    setClock(-3_600_000);
    await clearFaults();
    await world.reaches(id, ["WAITING_APPROVAL"]);
    await world.decide(id);
    await world.reaches(id, ["DONE"]);
    vi.restoreAllMocks();
    await checkRun(world, id);
  });
});

import { abortAllDurableObjects } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { boardSchema } from "../../../contracts/board.ts";
import { revisedPlanSchema, type Plan } from "../../../contracts/plan.ts";
import { fold } from "../../../domain/run/fold.ts";
import { auditOf } from "../client.ts";
import { objectDatabase, type D1Fault } from "./d1-faults.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside } from "./outside-control.ts";
import { RunWorld } from "./run-world.ts";

beforeEach(resetOutside);
afterEach(() => void objectDatabase.heal());

const item = { description: "", acceptance_criteria: ["It is so."], depends_on: [] };
const plan: Plan = {
  summary: "By a person.",
  tasks: [
    { ...item, title: "Notes", type: "epic", owner_role: "pm" },
    { ...item, title: "Write notes", type: "story", parent: 0, priority: "high" },
    { ...item, title: "Store notes", type: "task", parent: 1, owner_role: "dev", stage: "todo" },
    { ...item, title: "Test notes", type: "task", parent: 1, depends_on: [2], owner_role: "qa" },
  ],
};

/** A plan run that waits for approval, and its proposal. */
async function waitingPlan(prompt: string) {
  const world = await RunWorld.make();
  const { id } = await world.start(prompt, { mode: "plan" });
  await world.reaches(id, ["WAITING_APPROVAL"]);
  const { proposal } = fold(await world.events(id));
  if (proposal === undefined) throw new Error("no proposal");
  const { baseCommit, hash } = proposal;
  const send = (body: unknown) => world.client.send("PUT", `/api/runs/${id}/plan`, body);
  const approve = (named: string) =>
    world.client.send("POST", `/api/runs/${id}/patch-sets/${named}/decision`, { decision: "approve", baseCommit });
  return { world, id, baseCommit, baseHash: hash, send, approve };
}

describe("a plan that a person changes before its approval", () => {
  test.each<D1Fault | "none">(["none", "fails", "loses its reply"])(
    "is made exactly so and once over the death of its object (%s)",
    async (fault) => {
      const { approve, baseCommit, baseHash, id, send, world } = await waitingPlan(`note-revise-${fault.length}`);
      const path = `/api/runs/${id}/plan`;
      const revised = await world.client.ask(revisedPlanSchema, 200, "PUT", path, { baseHash, baseCommit, plan });
      await abortAllDurableObjects();
      // The reply was lost, so the page sends it again.
      expect(await world.client.ask(revisedPlanSchema, 200, "PUT", path, { baseHash, baseCommit, plan })).toEqual(
        revised,
      );
      const stale = await send({ baseHash, baseCommit, plan: { ...plan, summary: "Another." } });
      expect([stale.status, await stale.json()]).toMatchObject([409, { code: "conflict" }]);
      const old = await approve(baseHash);
      expect([old.status, await old.json()]).toMatchObject([409, { code: "patch_set_stale" }]);

      if (fault !== "none") objectDatabase.failAt(1, fault, { match: /insert into "ticket" /u });
      expect((await approve(revised.hash)).status).toBe(200);
      await abortAllDurableObjects();
      void world.afterAlarm(id).catch(() => false);
      expect((await approve(revised.hash)).status).toBe(409);
      await world.reaches(id, ["DONE"]);

      const { tickets } = await world.client.ask(boardSchema, 200, "GET", `/api/projects/${world.projectId}/board`);
      const titleOf = (ticketId: string | null) => tickets.find((ticket) => ticket.id === ticketId)?.title ?? null;
      const seen = tickets
        .toSorted((a, b) => Number(a.id) - Number(b.id))
        .map(({ column, dependsOn, labels, parentId, priority, title }) => ({
          ...{ title, parent: titleOf(parentId), after: dependsOn.map(titleOf), column, labels, priority },
        }));
      const plain = { after: [], column: "backlog", labels: [], priority: "none" };
      expect(seen).toEqual([
        { ...plain, title: "Notes", parent: null, labels: ["role:pm"] },
        { ...plain, title: "Write notes", parent: "Notes", priority: "high" },
        { ...plain, title: "Store notes", parent: "Write notes", labels: ["role:dev"], column: "todo" },
        { ...plain, title: "Test notes", parent: "Write notes", labels: ["role:qa"], after: ["Store notes"] },
      ]);
      const { events } = await checkRun(world, id);
      expect(events.filter(({ type }) => type === "plan.revised" || type === "tickets.created")).toHaveLength(2);
      const audited = await auditOf(world.me.activeTenantId, `person:${world.me.user.id}`);
      expect(audited.filter(({ action }) => action === "plan.revised")).toHaveLength(1);
    },
  );

  test("with wrong nesting is refused with the sentence that says what to do, and stays as it was", async () => {
    const { baseCommit, baseHash, id, send, world } = await waitingPlan("note-revise-wrong");
    const tasks = [{ ...item, title: "Story", type: "story" as const, parent: 0 }];
    const refused = await send({ baseHash, baseCommit, plan: { ...plan, tasks } });
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { code: "invalid_request", detail: expect.stringContaining("Leave parent out") },
    ]);
    const unread = await send({ baseHash, baseCommit, plan: { ...plan, tasks: [] } });
    expect([unread.status, await unread.json()]).toMatchObject([400, { issues: [{ path: "plan.tasks" }] }]);
    expect(fold(await world.events(id)).proposal?.hash).toBe(baseHash);
  });
});

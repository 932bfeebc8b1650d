import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { planSchema, type Plan } from "../../../contracts/plan.ts";
import type { Person } from "../../../contracts/common.ts";
import { keepTasks } from "../../../domain/plan/tasks.ts";
import { ledgerOf } from "../../../domain/ledger/from-events.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type { EngineDeps, TicketPlan } from "../../../worker/services/run/engine/deps.ts";
import { ada } from "../../fakes/run-start.ts";
import { decidePatchSet, revisePlan } from "../../person-commands.ts";
import { EngineHarness } from "./harness.ts";
import { files, states, use } from "./scenario.ts";

const grace = { id: "8", name: "Grace", avatarUrl: null };
const item = { description: "", acceptance_criteria: [], depends_on: [] };
const written: Plan = {
  summary: "Notes.",
  tasks: [
    { ...item, title: "Notes", type: "epic" },
    { ...item, title: "Write", type: "story", parent: 0 },
    { ...item, title: "Format", type: "task", parent: 1 },
    { ...item, title: "Store", type: "task", parent: 1, depends_on: [2] },
    { ...item, title: "Read", type: "story", parent: 0, depends_on: [1] },
    { ...item, title: "Show", type: "task", parent: 4, depends_on: [3] },
  ],
};

let harness: EngineHarness;
/** The calls that reached the board, and the tickets that it made of them, each once. */
let asked: TicketPlan[];
let made: Map<string, { readonly title: string; readonly parent: string | null; readonly after: readonly string[] }>;
/** Lets the next replies of the board be lost after it has made the tickets. */
let lostReplies: number;

beforeEach(async () => {
  harness = EngineHarness.start(files);
  asked = [];
  made = new Map();
  lostReplies = 0;
  const createTickets: EngineDeps["createTickets"] = async (plan) => {
    asked.push(plan);
    const titleAt = (index: number) => plan.tasks[index]?.title ?? "";
    for (const [index, task] of plan.tasks.entries())
      made.set(`${plan.source}:${index}`, {
        title: task.title,
        parent: task.parent === undefined ? null : titleAt(task.parent),
        after: task.depends_on.map(titleAt),
      });
    if (lostReplies > 0) {
      lostReplies -= 1;
      throw new PortError("tracker", "transient", "database_failed", "The reply was lost.");
    }
    return plan.tasks.map(({ title }, index) => ({ id: String(index + 1), key: `K-${index + 1}`, title }));
  };
  Object.assign(harness.deps, { createTickets });
  harness.begin("plan");
  harness.turns = [[use("a", "submit_plan", written)]];
  await harness.drive();
});
afterEach(() => harness.close());

function waiting() {
  const { proposal } = harness.journal.view();
  if (proposal === undefined) throw new Error("no proposal");
  return { hash: proposal.hash, baseHash: proposal.hash, baseCommit: proposal.baseCommit };
}

const approve = ({ baseCommit, hash }: Pick<ReturnType<typeof waiting>, "baseCommit" | "hash">) =>
  decidePatchSet(harness.journal, { hash, baseCommit, decision: "approve", comment: "", by: ada }, harness.nowMs);

const revise = (plan: Plan, by: Person = ada, base: Omit<ReturnType<typeof waiting>, "hash"> = waiting()) =>
  revisePlan(harness.journal, by, { baseHash: base.baseHash, baseCommit: base.baseCommit, plan });

/** Without the task that others wait for, and with another title. */
const revised: Plan = {
  ...written,
  tasks: keepTasks(written.tasks, (index) => index !== 3).map((task) =>
    task.title === "Show" ? { ...task, title: "Show them" } : task,
  ),
};

describe("a plan that a person changed before its approval", () => {
  it.each([0, 1, 3])(
    "is made exactly as it was changed, once, also when %i replies of the board are lost",
    async (lost) => {
      const first = waiting();
      expect(revise(revised)).toEqual({ ok: true });
      const second = waiting();
      expect(second.hash).not.toBe(first.hash);
      expect(approve(second)).toEqual({ ok: true });
      lostReplies = lost;
      await harness.drive();
      expect(states(harness)).toEqual(["PLANNING", "WAITING_APPROVAL", "APPLYING", "DONE"]);
      expect(asked).toHaveLength(lost + 1);
      expect([...made.values()]).toEqual([
        { title: "Notes", parent: null, after: [] },
        { title: "Write", parent: "Notes", after: [] },
        { title: "Format", parent: "Write", after: [] },
        { title: "Read", parent: "Notes", after: ["Write"] },
        { title: "Show them", parent: "Read", after: ["Format"] },
      ]);
      const created = harness.events().filter(({ type }) => type === "tickets.created");
      expect(created).toMatchObject([{ data: { hash: second.hash } }]);
    },
  );

  it("can no longer be approved by the hash that it had before", async () => {
    const first = waiting();
    revise(revised);
    expect(approve(first)).toMatchObject({ ok: false, code: "patch_set_stale" });
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(asked).toEqual([]);
  });

  it("names the person in the log, the ledger and the view, and keeps the version that the agent wrote", () => {
    const first = waiting();
    revise(revised);
    const event = harness.events().find(({ type }) => type === "plan.revised");
    if (event?.type !== "plan.revised") throw new Error("no event");
    expect(event.data).toMatchObject({ baseHash: first.hash, hash: waiting().hash, version: 2, by: { name: "Ada" } });
    expect(ledgerOf(event)).toMatchObject({
      kind: "decision",
      data: { planRevised: waiting().hash, from: first.hash, name: "Ada", role: "dev" },
    });
    expect(harness.journal.view().planRevision?.by.name).toBe("Ada");
    const versions = harness.events().flatMap((each) => (each.type === "artifact.created" ? [each.data] : []));
    expect(versions.map(({ version }) => version)).toEqual([1, 2]);
    expect(planSchema.parse(versions[0]?.data)).toEqual(written);
    expect(planSchema.parse(versions[1]?.data)).toEqual(revised);
  });

  it("is changed by the first of two people, and the second learns whose change waits now", () => {
    const seen = waiting();
    expect(revise(revised, grace, seen)).toEqual({ ok: true });
    const other = { ...written, summary: "Mine." };
    expect(revise(other, ada, seen)).toMatchObject({
      ok: false,
      code: "conflict",
      detail: expect.stringMatching(/^Grace has changed the plan meanwhile. Yours was not stored/u),
    });
    expect(planSchema.parse(harness.journal.view().artifacts.plan?.data)).toEqual(revised);
  });

  it("is stored once when the same change is sent again, and not at all when it changes nothing", () => {
    const seen = waiting();
    expect(revise(written)).toEqual({ ok: true });
    expect(harness.events().some(({ type }) => type === "plan.revised")).toBe(false);
    expect(revise(revised, ada, seen)).toEqual({ ok: true });
    const count = harness.events().length;
    expect(revise(revised, ada, seen)).toEqual({ ok: true });
    expect(harness.events()).toHaveLength(count);
  });

  it("is refused where no tickets can be made of it, with what to do, and the plan before stays", () => {
    const before = waiting();
    const wrong = { ...written, tasks: [{ ...item, title: "S", type: "story" as const, parent: 0 }] };
    expect(revise(wrong)).toMatchObject({
      code: "invalid_request",
      detail: expect.stringContaining("Leave parent out"),
    });
    expect(waiting()).toEqual(before);
  });

  it("can't be changed any more once it was approved", async () => {
    const seen = waiting();
    approve(seen);
    expect(revise(revised, ada, seen)).toMatchObject({ code: "run_not_waiting" });
    await harness.drive();
    expect(revise(revised, ada, seen)).toMatchObject({ code: "run_not_waiting" });
    expect(made.size).toBe(written.tasks.length);
  });

  it("is shown to the planner as it is now when a person sends it back, and the planner's next plan is its own", async () => {
    revise(revised);
    const { baseCommit, hash } = waiting();
    decidePatchSet(
      harness.journal,
      { hash, baseCommit, decision: "request_changes", comment: "Add tests.", by: grace },
      harness.nowMs,
    );
    harness.turns = [[use("b", "submit_plan", written)]];
    await harness.drive();
    const said = JSON.stringify(harness.requests.at(-1)?.messages);
    expect(said).toContain("Ada has changed your plan since you submitted it.");
    expect(said).toContain("Show them");
    expect(harness.journal.view()).toMatchObject({ state: "WAITING_APPROVAL", planRevision: undefined });
    expect(harness.journal.view().artifacts.plan?.version).toBe(3);
  });

  it("is none where the run proposes a patch set", async () => {
    await harness.close();
    harness = EngineHarness.start(files);
    harness.begin("implement");
    const base = { baseHash: "0".repeat(64), baseCommit: "0".repeat(40) };
    expect(revise(revised, ada, base)).toMatchObject({ code: "not_found" });
  });
});

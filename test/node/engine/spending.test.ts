import { PortError } from "../../../worker/ports/errors.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cancelRun, pauseRun, resumeRun, sendMessage, setLimits } from "../../person-commands.ts";
import { stepAndSettle } from "../../step-and-settle.ts";
import { spendingDue } from "./harness/spending-due.ts";
import { ada } from "../../fakes/run-start.ts";
import { EngineHarness } from "./harness.ts";
import { use } from "./scenario.ts";

const read = (id: string) => use(id, "read_file", { path: "a.txt" });
/** A call that is never the same twice: an agent that repeats itself is stopped for that. */
const note = (id: string) => use(id, "write_file", { path: `notes/${id}.txt`, content: id });
const write = use("w", "write_file", { path: "a.txt", content: "changed" });
const finish = use("f", "finish", { title: "Change it", summary: "Changed." });
const review = use("r", "submit_review", { verdict: "approve", summary: "Read it.", findings: [] });
const wholeRun = () => [[read("a")], [write], [finish], [review]];

let harness: EngineHarness;
beforeEach(async () => {
  harness = EngineHarness.start({ "a.txt": "as it was\n" });
  harness.nowMs = Date.UTC(2026, 10, 5, 12);
  harness.begin("implement");
  harness.turns = wholeRun();
});
afterEach(() => harness.close());

const notices = (): readonly string[] =>
  harness.events().flatMap((event) => (event.type === "notice" ? [event.data.message] : []));
const paid = (): number =>
  harness
    .events()
    .reduce(
      (sum, event) =>
        sum + (event.type === "turn.finished" || event.type === "call.cut" ? (event.data.costMicros ?? 0) : 0),
      0,
    );

/** Steps until a turn was asked for, or nothing is left to do; answers when it would look again. */
async function step(): Promise<number | undefined> {
  const { deps, journal, store } = harness;
  const outcome = await stepAndSettle(deps, journal, new AbortController().signal, () => spendingDue(store));
  harness.nowMs += 10;
  return typeof outcome === "object" ? outcome.sleepUntilMs : undefined;
}

/** Expects the account's sum to equal the journal's, and no reservation. */
function expectSettled(): void {
  expect(harness.account.spent("2026-11") - harness.account.othersSpent).toBe(paid());
  expect(harness.account.reservation).toBeUndefined();
}

describe("the project's money", () => {
  it("is charged exactly, call by call, and a resting run has no reservation", async () => {
    harness.account.limitMicros = 1_000_000;
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(paid()).toBe(400);
    expectSettled();
  });

  it("is waited for while other runs' calls may use it up, which is said once", async () => {
    harness.account.limitMicros = 1_000;
    harness.account.othersReserved = 1_000;
    const states: (number | undefined)[] = [];
    for (let count = 0; count < 12; count += 1) {
      const until = await step();
      states.push(until);
      if (until !== undefined) harness.nowMs = until;
    }
    expect(states.filter((until) => until !== undefined).length).toBeGreaterThan(5);
    expect(harness.requests).toHaveLength(0);
    expect(harness.journal.view().state).toBe("CODING");
    expect(notices().filter((text) => text.includes("Lime's budget of $0.001 for November 2026"))).toHaveLength(1);
    harness.account.othersReserved = 0;
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expectSettled();
  });

  it("when used up stops the run before the next call with the remedy; raised, the run continues", async () => {
    harness.account.limitMicros = 5_000_000;
    harness.account.othersSpent = 4_999_900;
    await harness.drive();
    expect(harness.requests).toHaveLength(1);
    expect(harness.journal.view()).toMatchObject({
      state: "NEEDS_HUMAN",
      cause:
        "Lime's budget of $5.00 for November 2026 is used up: $5.00 are spent. Raise it in the project's budget, then resume.",
    });
    expectSettled();
    harness.account.setLimit(6_000_000);
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expectSettled();
  });

  it("can't be kept with a model of unknown price, nor after a call of unknown cost, until a person says so", async () => {
    harness.account.limitMicros = 1_000;
    harness.costMicros = () => null;
    await harness.drive();
    expect(harness.requests).toHaveLength(0);
    expect(harness.journal.view().cause).toContain("The price of claude-opus-5-5 is not known");
    harness.account.setLimit(null);
    resumeRun(harness.journal, ada, harness.nowMs);
    harness.turns = [[read("a")]];
    await harness.drive(4).catch(() => undefined);
    expect(harness.requests.length).toBeGreaterThan(0);
    harness.costMicros = () => 100;
    pauseRun(harness.journal, ada);
    harness.account.limitMicros = 1_000;
    resumeRun(harness.journal, ada, harness.nowMs);
    harness.turns = wholeRun();
    await harness.drive();
    expect(harness.journal.view().cause).toMatch(
      /The cost of a model call is not known.*Set the project's budget again/,
    );
    harness.account.setLimit(1_000);
    resumeRun(harness.journal, ada, harness.nowMs);
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });

  it("warns at four fifths, once", async () => {
    harness.account.limitMicros = 500;
    await harness.drive();
    expect(notices().filter((text) => text.includes("more than 80%"))).toEqual([
      "Lime has spent $0.0004 of its $0.0005 for November 2026: more than 80% of the budget.",
    ]);
  });

  it("is charged once, whether the database fails or loses its reply", async () => {
    harness.account.limitMicros = 1_000_000;
    harness.databaseFaults = [
      "reply lost",
      "reply lost",
      "down",
      "down",
      "reply lost",
      "fine",
      "down",
      "down",
      "reply lost",
    ];
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(harness.requests).toHaveLength(4);
    expectSettled();
  });

  it("is never spent while the database is down: the run sleeps, then a person is asked, and nothing is lost", async () => {
    harness.databaseFaults = Array.from({ length: 8 }, () => "down");
    await harness.drive();
    expect(harness.requests).toHaveLength(0);
    expect(harness.journal.view()).toMatchObject({
      state: "NEEDS_HUMAN",
      cause: expect.stringContaining("The database could not be reached"),
    });
    resumeRun(harness.journal, ada, harness.nowMs);
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expectSettled();
  });

  it("is charged after a crash between the journal and the account", async () => {
    while (paid() === 0) {
      // The reservation succeeds, the settlement does not.
      harness.databaseFaults = ["fine", "down"];
      await step();
    }
    harness.databaseFaults = [];
    expect(paid()).toBe(100);
    expect(harness.account.spent("2026-11")).toBe(0);
    expect(harness.account.reservation).toBeDefined();
    cancelRun(harness.journal, ada);
    harness.databaseFaults = ["down"];
    const until = await step();
    expect(until).toBeGreaterThan(harness.nowMs);
    expect(await step()).toBeUndefined();
    expectSettled();
  });

  it("belongs to the month in which the call ended", async () => {
    harness.nowMs = Date.UTC(2026, 11, 1) - 5;
    await harness.drive();
    const november = harness.account.spent("2026-11");
    expect(november + harness.account.spent("2026-12")).toBe(paid());
    expect(harness.account.spent("2026-12")).toBeGreaterThan(0);
  });

  it("is reserved anew when limits or messages changed during the reservation", async () => {
    const { reserve } = harness.deps.budget;
    let asked = 0;
    Object.assign(harness.deps.budget, {
      reserve: async (call: Parameters<typeof reserve>[0]) => {
        asked += 1;
        if (asked === 1) sendMessage(harness.journal, ada, "00000000-0000-4000-8000-000000000000", "Mind the tests.");
        if (asked === 3) setLimits(harness.journal, ada, { costMicros: 0 });
        return reserve(call);
      },
    });
    await harness.drive();
    expect(asked).toBe(3);
    expect(harness.requests).toHaveLength(1);
    expect(JSON.stringify(harness.requests[0]?.messages)).toContain("Mind the tests.");
    expect(harness.journal.view().cause).toContain("The run's budget of $0.00 is used up");
    expectSettled();
  });
});

describe("a stage's limits", () => {
  it("stop the run at the last turn; resume gives as many again, and raising more", async () => {
    setLimits(harness.journal, ada, { stageTurns: 7 });
    harness.turns = Array.from({ length: 7 }, (_, index) => [note(`a${index}`)]);
    await harness.drive();
    expect(harness.requests).toHaveLength(7);
    expect(harness.journal.view().cause).toMatch(/The coder used all of its 7 turns/);
    const told = harness.requests.map(
      (request) => JSON.stringify(request.messages.at(-1)).match(/You have (\d+) turns left/)?.[1],
    );
    expect(told).toEqual([undefined, "6", undefined, undefined, undefined, undefined, undefined]);
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    harness.turns = Array.from({ length: 7 }, (_, index) => [note(`b${index}`)]);
    await harness.drive();
    expect(harness.requests).toHaveLength(14);
    setLimits(harness.journal, ada, { stageTurns: 20 });
    resumeRun(harness.journal, ada, harness.nowMs);
    harness.turns = [...Array.from({ length: 9 }, (_, index) => [note(`c${index}`)]), ...wholeRun()];
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });

  it("lowered below the turns left warn the model at once", async () => {
    harness.turns = [[read("a")], [read("b")], [read("c")]];
    while (harness.requests.length < 2) await step();
    setLimits(harness.journal, ada, { stageTurns: 3 });
    await harness.drive();
    expect(JSON.stringify(harness.requests[2]?.messages.at(-1))).toContain("You have 1 turn left");
    expect(harness.journal.view().state).toBe("NEEDS_HUMAN");
  });

  it("lowered while a failed call waits for its retry warn the model with that retry, once", async () => {
    const overloaded = new PortError("llm", "transient", "overloaded", "529");
    harness.turns = [overloaded, overloaded, [note("a")], [note("b")]];
    while (harness.requests.length < 1) await step();
    setLimits(harness.journal, ada, { stageTurns: 2 });
    await harness.drive();
    const told = harness.requests.map((request) =>
      JSON.stringify(request.messages).match(/You have \d+ turns? left/gu),
    );
    expect(told).toEqual([null, ["You have 2 turns left"], ["You have 2 turns left"], ["You have 2 turns left"]]);
    expect(harness.journal.view().state).toBe("NEEDS_HUMAN");
  });

  it("count a stage's time from when it last went on, not while a person was waited for", async () => {
    setLimits(harness.journal, ada, { stageWallTimeMs: 60_000 });
    while (harness.requests.length < 1) await step();
    pauseRun(harness.journal, ada);
    harness.nowMs += 3_600_000;
    resumeRun(harness.journal, ada, harness.nowMs);
    while (harness.requests.length < 2) await step();
    harness.nowMs += 60_000;
    await harness.drive();
    expect(harness.requests).toHaveLength(2);
    expect(harness.journal.view().cause).toMatch(/The coder's time of 1 min is used up/);
    resumeRun(harness.journal, ada, harness.nowMs);
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });

  it("of the whole run hold back a resume that would stop at once", async () => {
    setLimits(harness.journal, ada, { costMicros: 100 });
    await harness.drive();
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toMatchObject({
      ok: false,
      code: "run_not_waiting",
      detail: expect.stringContaining("Raise it to go on"),
    });
    expect(harness.journal.view().state).toBe("NEEDS_HUMAN");
    setLimits(harness.journal, ada, { costMicros: 1_000 });
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  });
});

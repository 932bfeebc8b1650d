import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PortError } from "../../../worker/ports/errors.ts";
import type { ForgeCheck } from "../../../worker/ports/forge.ts";
import { ada } from "../../fakes/run-start.ts";
import { resumeRun } from "../../person-commands.ts";
import { EngineHarness } from "./harness.ts";
import { write } from "./lane-steps.ts";
import { approve, finish, review, states } from "./scenario.ts";

let harness: EngineHarness;

beforeEach(() => {
  harness = EngineHarness.start({ "README.md": "# One\n" });
});
afterEach(async () => harness.close());

type Added = Omit<ForgeCheck, "commit">;

function check(fields: Partial<Added>): Added {
  const name = fields.name ?? "review";
  return {
    ...{ checkId: `check_run:${name}`, source: "check_run", name, appId: "9", status: "completed" },
    ...{ conclusion: "success", url: null, isSuperseded: false },
    ...fields,
  };
}

/** A run that has written its pull request, on a repository with these checks and no workflow. */
async function delivered(checks: () => readonly Added[]): Promise<void> {
  harness.forge.workflows = ["none"];
  harness.forge.repository.moreChecks = () => checks();
  harness.begin("implement");
  harness.turns = [[write("w", "new.js"), finish("f")], [review("r")]];
  await harness.drive();
  approve(harness);
}

const view = () => harness.journal.view();

describe("checks of other services", () => {
  it("send the work back when a commit status fails, with its name and link", async () => {
    const status = check({ checkId: "status:ci/build", source: "status", name: "ci/build", conclusion: "failure" });
    await delivered(() => [{ ...status, url: "https://ci.example/7" }]);
    harness.turns = [[write("w2", "new.js", "repaired\n"), finish("f2")], [review("r2")]];
    await harness.drive();
    expect(states(harness)).toContain("VERIFYING_CI");
    expect(view().state).toBe("WAITING_APPROVAL");
    expect(JSON.stringify(harness.requests.at(-2))).toContain("https://ci.example/7");
  });

  it("are waited for while they run, and a required one until it reports", async () => {
    let checks: readonly Added[] = [check({ status: "in_progress", conclusion: null })];
    harness.forge.repository.requiredChecks = [{ name: "build", appId: null }];
    await delivered(() => checks);
    await harness.drive(20, () => view().lanes[0]?.requiredChecks.length === 1);
    checks = [check({})];
    for (let step = 0; step < 5; step += 1) await harness.step();
    expect(view().state, "the required check has not reported").toBe("VERIFYING_CI");
    checks = [check({}), check({ name: "build" })];
    await harness.drive();
    expect(view()).toMatchObject({ state: "DONE", cause: null });
    expect(view().lanes[0]?.gates.G5?.status).toBe("pass");
  });

  it("that are required and never report ask a person after an hour", async () => {
    harness.forge.repository.requiredChecks = [{ name: "build", appId: null }];
    await delivered(() => [check({})]);
    await harness.drive(500);
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("have not reported for 60 minutes: build");
    harness.forge.repository.moreChecks = () => [check({}), check({ name: "build" })];
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(view().state).toBe("DONE");
  });

  it("that wait for a person stop the run for one; cancelled and superseded ones say nothing", async () => {
    let checks: readonly Added[] = [check({ name: "deploy", conclusion: "action_required" })];
    await delivered(() => checks);
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("deploy (action required)");
    const old = check({ checkId: "old", conclusion: "failure", isSuperseded: true });
    checks = [check({ name: "deploy" }), check({ name: "nightly", conclusion: "cancelled" }), old];
    expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
    await harness.drive();
    expect(view().state).toBe("DONE");
  });
});

describe("a commit without any check", () => {
  it("is done without being called green", async () => {
    await delivered(() => []);
    await harness.drive();
    expect(view().state).toBe("DONE");
    expect(view().cause).toContain("no check ran on this commit");
    expect(view().lanes[0]?.gates.G5?.status).toBe("skipped");
  });

  it("is not taken for one where the checks can't be read", async () => {
    await delivered(() => {
      throw new PortError("forge", "permanent", "no_checks_permission", "no");
    });
    await harness.drive();
    expect(view().state).toBe("NEEDS_HUMAN");
    expect(view().cause).toContain("Commit statuses: read");
  });
});

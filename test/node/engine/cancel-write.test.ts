import { afterEach, beforeEach, expect, it } from "vitest";
import { PortError } from "../../../worker/ports/errors.ts";
import { ada } from "../../fakes/run-start.ts";
import { cancelRun, resumeRun } from "../../person-commands.ts";
import type { EngineHarness } from "./harness.ts";
import { approvedRun, laneIn, write } from "./lane-steps.ts";
import { approve, finish, review } from "./scenario.ts";

let harness: EngineHarness;

beforeEach(async () => {
  harness = await approvedRun();
});
afterEach(async () => harness.close());

const view = () => harness.journal.view();
const cancel = () => expect(cancelRun(harness.journal, ada)).toEqual({ ok: true });
const kinds = () => harness.events().map(({ type }) => type);

it.each(["commit", "branch", "pull_request"] as const)("a %s under way is waited for and recorded", async (kind) => {
  harness.forge.duringWrite = (written) => {
    if (written === kind) cancel();
  };
  await harness.drive();
  expect(view().state).toBe("CANCELLED");
  const written = harness.events().filter((event) => event.type === "write.finished");
  expect(written.map(({ data }) => data.kind)).toEqual(harness.writes);
  expect(harness.writes.at(-1)).toBe(kind);
  expect(kinds().lastIndexOf("write.finished")).toBeLessThan(kinds().lastIndexOf("run.state_changed"));
  const texts = {
    commit: "of o/n was written, and no branch points to it: the forge removes it by itself. Nothing needs doing.",
    branch: "Delete it on the run's page or at the forge",
    pull_request: "Close it on the run's page or at the forge",
  };
  expect(view().cause).toContain(texts[kind]);
  expect(cancelRun(harness.journal, ada)).toMatchObject({ code: "conflict" });
});

it("a write that had not begun at the cancel does not begin", async () => {
  const { getBranchHead } = harness.deps.forge;
  let cancelled = false;
  Object.assign(harness.deps.forge, {
    getBranchHead: (...asked: Parameters<typeof getBranchHead>) => {
      if (!cancelled) cancel();
      cancelled = true;
      return getBranchHead(...asked);
    },
  });
  await harness.drive();
  expect(cancelled).toBe(true);
  expect(view()).toMatchObject({ state: "CANCELLED", cause: "Cancelled by Ada." });
  expect(harness.writes).toEqual([]);
  expect(kinds()).not.toContain("write.started");
});

it("a write whose reply was lost is looked for at the forge and recorded", async () => {
  harness.forge.duringWrite = (written) => {
    if (written !== "pull_request") return;
    harness.forge.duringWrite = undefined;
    throw new PortError("forge", "transient", "timeout", "no answer");
  };
  await harness.drive(100, () => harness.writes.includes("pull_request"));
  expect(laneIn(harness, "1").pullRequest).toBeUndefined();
  cancel();
  await harness.drive();
  expect(view().state).toBe("CANCELLED");
  expect(laneIn(harness, "1").pullRequest).toMatchObject({ number: 1, state: "open" });
  expect(view().cause).toContain("Pull request #1 of o/n was left open");
  expect(harness.writes.filter((each) => each === "pull_request")).toHaveLength(1);
});

it("the run ends with words about it when the forge can't be asked", async () => {
  harness.forge.duringWrite = (written) => {
    if (written === "pull_request") throw new PortError("forge", "transient", "timeout", "no answer");
  };
  await harness.drive(100, () => harness.writes.includes("pull_request"));
  cancel();
  harness.forge.revoked.add("n");
  await harness.drive();
  expect(view().state).toBe("CANCELLED");
  expect(view().cause).toContain("could not be asked (not_found)");
});

it("a repair's commit that no branch points to is told beside the pull request that stays", async () => {
  harness.forge.workflows = ["failure", "success"];
  harness.turns = [[write("w2", "README.md", "# Three\n"), finish("f2")], [review("r2")]];
  await harness.drive();
  expect(view().state).toBe("WAITING_APPROVAL");
  approve(harness);
  harness.forge.duringWrite = (written) => {
    if (written === "commit") cancel();
  };
  await harness.drive();
  expect(view().cause).toMatch(
    /Pull request #1 of o\/n was left open.*Commit \w{10} of o\/n was written, and no branch/u,
  );
});

it("a refused write that waits for a person is cancelled with what stays", async () => {
  const error = new PortError("forge", "permanent", "forbidden", "no");
  harness.forge.refused = { kind: "pull_request", repository: "n", error };
  await harness.drive();
  expect(view().state).toBe("NEEDS_HUMAN");
  cancel();
  expect(resumeRun(harness.journal, ada, harness.nowMs)).toMatchObject({ ok: false });
  await harness.drive();
  expect(view().state).toBe("CANCELLED");
  expect(view().cause).toContain("was written");
});

it("a run whose pull request is open says so when it is cancelled", async () => {
  harness.forge.repository.ci = () => ({ status: "in_progress", conclusion: null });
  await harness.drive(30, () => view().state === "VERIFYING_CI");
  cancel();
  expect(view()).toMatchObject({ state: "CANCELLED" });
  expect(view().cause).toContain("https://forge.example/pull/1");
});

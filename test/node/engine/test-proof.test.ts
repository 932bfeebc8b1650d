import { afterEach, describe, expect, it } from "vitest";
import { firstLane } from "../../../domain/run/lanes.ts";
import { MemorySandbox } from "../../fakes/sandbox/memory-sandbox.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import { EngineHarness } from "./harness.ts";
import { addTest, approve, files, finish, fix, regression, review, states, use } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

const scripts = (test: string): Readonly<Record<string, string>> => ({
  ...files,
  "package.json": JSON.stringify({ name: "sum", type: "module", scripts: { test } }),
});
const gate = () => firstLane(harness.journal.view()).gates.G4;
const proofs = (): readonly string[] =>
  (gate()?.evidence ?? []).filter(({ label }) => label.startsWith("Not ")).map(({ value }) => value);

async function run(mode: "bugfix" | "implement", base: Readonly<Record<string, string>>): Promise<void> {
  harness = EngineHarness.start(base);
  harness.begin(mode);
  harness.turns = [[addTest("a"), fix("b"), finish("c")], [review("d")]];
  await harness.drive();
}

describe("tests that can't tell", () => {
  it.each([
    ["whose runner is missing", scripts("vitest run"), "can't be started here (exit code 127)"],
    [
      "that has been red for years",
      { ...files, "test/old.test.js": regression.replace('"two"', '"old"').replace("1, 1), 2", "1, 1), 9") },
      "fail with the patch as they do without it",
    ],
    ["whose command runs no test", scripts("echo ok"), "nothing in its output says that a test ran"],
    ["without a test command", { "sum.js": files["sum.js"] }, "no test command"],
  ])("over a base %s leave the decision to a person, after one round", async (_what, base, reason) => {
    for (const mode of ["bugfix", "implement"] as const) {
      await run(mode, base);
      expect(states(harness)).toEqual(["CODING", "REVIEWING", "TESTING", "PATCHES_PROPOSED", "WAITING_APPROVAL"]);
      expect(gate()?.status).toBe("skipped");
      expect(proofs().join(" ")).toContain(reason);
      approve(harness);
      await harness.drive();
      expect(harness.journal.view().state).toBe("DONE");
    }
  });

  it("over a base's own test that the patch rightly changes say so, and policy names it", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    const renamed = regression.replace('"two"', '"zero"');
    harness.turns = [
      [use("a", "write_file", { path: "test/zero.test.js", content: renamed }), fix("b"), finish("c")],
      [review("d")],
    ];
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(gate()?.status).toBe("skipped");
    expect(proofs()).toEqual([expect.stringContaining("test/zero.test.js:4: 1 line of tests that were there")]);
    const violations = harness
      .events()
      .flatMap((event) => (event.type === "policy.evaluated" ? event.data.violations : []));
    expect(violations).toMatchObject([{ rule: "test-changed", severity: "WARN", path: "test/zero.test.js" }]);
  });
});

describe("the tester", () => {
  it("works in sandboxes of its own, each new, and leaves none", async () => {
    await run("bugfix", files);
    const { sandbox } = harness;
    if (!(sandbox instanceof MemorySandbox)) throw new Error("this harness has its sandbox in memory");
    const tested = sandbox.commands.filter(({ argv }) => argv.join(" ") === "sh -c npm test --");
    const own = `run-${harness.journal.spec.runId}-tester`;
    // On the base, with the patch, the base's own tests against it, and the patch's tests on the base.
    expect(tested.map(({ sandbox: id }) => id)).toEqual([own, own, own, own]);
    expect(sandbox.openIds).toEqual([]);
    expect(gate()?.status).toBe("pass");
  });

  it("does not run again the suites that ended before it broke off", async () => {
    harness = EngineHarness.start(files);
    harness.begin("bugfix");
    harness.turns = [[addTest("a"), fix("b"), finish("c")], [review("d")]];
    const { sandbox } = harness;
    const exec = sandbox.exec.bind(sandbox);
    const ended: string[] = [];
    let suites = 0;
    // The sandbox is gone at every second suite, as under a host that is restarted again and again.
    sandbox.exec = async (id, argv, options) => {
      const isSuite = id.endsWith("-tester") && argv.join(" ").startsWith("sh -c npm test");
      if (isSuite && (suites += 1) % 2 === 0) throw new PortError("sandbox", "transient", "gone", "the host restarts");
      const result = await exec(id, argv, options);
      if (isSuite) ended.push(argv.join(" "));
      return result;
    };
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(ended).toHaveLength(4);
    expect(firstLane(harness.journal.view()).tests).toMatchObject({
      before: { exitCode: 0, ran: { passed: 1, failed: 0 } },
      after: { exitCode: 0, ran: { passed: 2, failed: 0 } },
      regression: { failedOnBase: true },
    });
    expect(gate()?.status).toBe("pass");
  });

  it("runs every suite anew after another turn of the coder", async () => {
    harness = EngineHarness.start(files);
    harness.begin("bugfix");
    const right = use("e", "write_file", { path: "sum.js", content: "export const sum = (a, b) => a + b;\n" });
    const broken = use("b", "write_file", { path: "sum.js", content: "export const sum = () => 7;\n" });
    harness.turns = [[addTest("a"), broken, finish("c")], [review("d")], [right, finish("f")], [review("g")]];
    await harness.drive();
    expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
    expect(gate()?.status).toBe("pass");
  });
});

import { afterEach, describe, expect, it } from "vitest";
import { firstLane } from "../../../domain/run/lanes.ts";
import { EngineHarness } from "./harness.ts";
import { addTest, files, finish, fix, review, use } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

const notices = (): readonly string[] =>
  harness.events().flatMap((event) => (event.type === "notice" ? [`${event.data.level}: ${event.data.message}`] : []));
const outputs = (): readonly string[] =>
  harness.events().flatMap((event) => (event.type === "tool.finished" ? [event.data.output] : []));

async function run(base: Readonly<Record<string, string>>): Promise<void> {
  harness = EngineHarness.start(base);
  harness.begin("implement");
  harness.turns = [[use("t", "run_tests", {}), addTest("a"), fix("b"), finish("c")], [review("d")]];
  await harness.drive();
  expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
}

describe("the test command", () => {
  it("is npm's, without a word, where package.json has a script and no other manager is named", async () => {
    await run(files);
    expect(firstLane(harness.journal.view()).testCommand).toBe("npm test --");
    expect(notices()).toEqual([]);
  });

  it("is told to the person where the sandbox lacks the repository's package manager, and npm runs the script", async () => {
    await run({ ...files, "pnpm-lock.yaml": "lockfileVersion: 9\n" });
    expect(firstLane(harness.journal.view()).tests?.command).toBe("npm test --");
    expect(notices()).toEqual([
      "warning: This repository is tested by `pnpm test`, as pnpm-lock.yaml says, but the sandbox has no pnpm. `npm test --` runs its test script instead. Another command can be set in the project's settings.",
    ]);
  });

  it("is another language's where there is no package.json, for the tester and for run_tests alike", async () => {
    await run({ "go.mod": "module sum\n", "sum_test.go": "package sum\n", "sum.js": files["sum.js"] });
    expect(firstLane(harness.journal.view()).testCommand).toBe("go test -v ./...");
    expect(notices()).toEqual([
      "warning: This repository is tested by `go test -v ./...`, as go.mod says, but the sandbox has no go. Tests can't prove the change, and gate G4 will say so. Another command can be set in the project's settings.",
    ]);
    expect(outputs()[0]).toContain("exit code: 127");
  });

  it("is none where no file names one, and run_tests says what helps", async () => {
    await run({ "sum.js": files["sum.js"] });
    expect(outputs()[0]).toContain("a person can set the command in the project's settings");
    expect(notices()).toEqual([expect.stringContaining("has no test command that its files name")]);
  });
});

import { afterEach, expect, it } from "vitest";
import { firstLane } from "../../../domain/run/lanes.ts";
import { pullRequestPreview } from "../../../worker/services/run/engine/pull-request-body.ts";
import { EngineHarness } from "./harness.ts";
import { addTest, approve, files, finish, fix, review, use } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

const preview = (hash: string) => pullRequestPreview(harness.journal.spec, harness.journal.view(), hash);

it("the text that is shown before an approval is the text that is written, but for the name of the person who approves", async () => {
  harness = EngineHarness.start(files);
  harness.begin("bugfix");
  harness.turns = [[addTest("a"), use("b", "run_tests", {})], [fix("c")], [finish("e")], [review("f")]];
  await harness.drive();
  expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  const hash = firstLane(harness.journal.view()).patchSet?.hash ?? "";
  const before = preview(hash);
  expect(before?.body).toContain("| gate | result | evidence |");
  expect(before?.body).toContain("| G4 | pass |");
  expect(before?.body).toContain(`patch set \`${hash}\``);
  approve(harness);
  await harness.drive();
  const [written] = harness.forge.repository.pullTexts;
  expect(written?.title).toBe(before?.title);
  expect(written?.body).toBe(before?.body.replace("approved by the person who approves it", "approved by Ada"));
});

it("there is none of a patch set that the run does not have", () => {
  harness = EngineHarness.start(files);
  harness.begin("bugfix");
  expect(preview("a".repeat(64))).toBeUndefined();
});

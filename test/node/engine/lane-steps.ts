import type { ApprovalVerb } from "../../../contracts/patch-set.ts";
import type { LaneView } from "../../../domain/run/lane-view.ts";
import { laneOf } from "../../../domain/run/lanes.ts";
import type { CommandResult } from "../../../worker/ports/run-host.ts";
import { ada } from "../../fakes/run-start.ts";
import { decidePatchSet } from "../../person-commands.ts";
import { EngineHarness } from "./harness.ts";
import { approve, finish as finishOne, review, use } from "./scenario.ts";

/** A tool call that writes a file. */
export const write = (id: string, path: string, content = "x\n") => use(id, "write_file", { path, content });

/** A tool call that ends the coder's stage of a run over several repositories. */
export const finish = (id: string) => use(id, "finish", { title: "Both", summary: "Changes both." });

/** A repository's lane, by its id. */
export const laneIn = (harness: EngineHarness, id: string): LaneView => laneOf(harness.journal.view(), id);

/** Decides on a lane's newest patch set as Ada. */
export function decideIn(harness: EngineHarness, id: string, decision: ApprovalVerb, comment = ""): CommandResult {
  const { patchSet } = laneIn(harness, id);
  if (patchSet === undefined) throw new Error(`no patch set in ${id}`);
  const { baseCommit, hash } = patchSet;
  return decidePatchSet(harness.journal, { hash, baseCommit, decision, comment, by: ada }, harness.nowMs);
}

/** Lets the coder write to these paths and finish, and the reviewer approve. */
export async function proposeIn(harness: EngineHarness, paths: readonly string[]): Promise<void> {
  harness.turns = [[...paths.map((path, index) => write(`w${index}`, path)), finish("f")], [review("r")]];
  await harness.drive();
}

/** A run whose change of README.md Ada has approved; nothing is written yet. */
export async function approvedRun(): Promise<EngineHarness> {
  const harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.begin("implement");
  harness.turns = [[write("w", "README.md", "# Two\n"), finishOne("f")], [review("r")]];
  await harness.drive();
  approve(harness);
  return harness;
}

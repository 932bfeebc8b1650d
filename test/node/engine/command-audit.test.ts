import { afterEach, describe, expect, it } from "vitest";
import type { SteeringCommand } from "../../../domain/run/commands/command.ts";
import { firstLane } from "../../../domain/run/lanes.ts";
import { applyCommand } from "../../../worker/services/run/commands.ts";
import { ada } from "../../fakes/run-start.ts";
import { EngineHarness } from "./harness.ts";
import { files, finish, fix, review, use } from "./scenario.ts";

let harness: EngineHarness;
afterEach(() => harness.close());

/** The audit entries that lie in the outbox: nothing has carried an effect out, as after a crash right behind the command. */
const audited = (): readonly unknown[] =>
  harness.store.outbox.rows().flatMap(({ effect }) => (effect.kind === "audit" ? [effect.data] : []));

function give(command: SteeringCommand): void {
  const before = audited().length;
  const caller = { actor: { kind: "person", ...ada } as const, sessionId: 4, requestId: `req-${command.kind}` };
  expect(applyCommand(harness.journal, caller, command, harness.nowMs)).toMatchObject({ ok: true });
  expect(audited(), command.kind).toHaveLength(before + 1);
  expect(audited().at(-1)).toMatchObject({ requestId: `req-${command.kind}` });
}

describe("a command's audit entry is stored with the command, before anything is sent", () => {
  it("steering, in the order of its commands", async () => {
    harness = EngineHarness.start(files);
    harness.begin("implement");
    harness.turns = [[use("q", "ask_person", { question: "Which?" })], [fix("a"), finish("b")], [review("c")]];
    await harness.drive();
    give({ kind: "answer", text: "The real one." });
    give({ kind: "send_message", messageId: "m1", text: "Look at zero." });
    give({ kind: "change_message", messageId: "m1", text: "Look at one." });
    give({ kind: "change_message", messageId: "m1", text: null });
    give({ kind: "set_limits", limits: { costMicros: 9_000_000, wallTimeMs: null } });
    give({ kind: "pause" });
    give({ kind: "resume" });
    await harness.drive();
    const { patchSet } = firstLane(harness.journal.view());
    if (patchSet === undefined) throw new Error("no patch set");
    const { baseCommit, hash } = patchSet;
    const by = { kind: "person", ...ada } as const;
    give({
      kind: "decide",
      decision: "request_changes",
      comment: "More.",
      hash,
      baseCommit,
      by,
      role: "dev",
      sessionId: 4,
    });
    give({ kind: "cancel" });
  });

  it("the choice and the order of repositories", async () => {
    harness = EngineHarness.startSeveral(files, { app: { "README.md": "# App\n" } });
    harness.beginSeveral("implement");
    give({ kind: "choose_repositories", repositoryIds: ["1"], reason: "enough" });
    await harness.close();
    harness = EngineHarness.startSeveral(files, { app: { "README.md": "# App\n" } });
    harness.beginSeveral("implement");
    harness.turns = [
      [use("a", "write_file", { path: "app/x.md", content: "x\n" }), fixIn("b"), finish("c")],
      [review("d")],
    ];
    await harness.drive();
    give({ kind: "order_lanes", repositoryIds: ["2", "1"] });
  });
});

const fixIn = (id: string) =>
  use(id, "write_file", { path: "n/sum.js", content: "export const sum = (a, b) => a + b;\n" });

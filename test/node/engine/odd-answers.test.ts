import { afterEach, expect, it } from "vitest";
import { costMicros } from "../../../domain/budget/cost.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type { LlmBlock } from "../../../worker/ports/llm.ts";
import { resumeRun } from "../../person-commands.ts";
import { ada } from "../../fakes/run-start.ts";
import { EngineHarness } from "./harness.ts";
import { use } from "./scenario.ts";

/*
 * Answers that are cut, refused, or not what a vendor takes back: nothing of them runs that was not whole, each is paid for once, and the
 * run goes on or asks a person with the reason.
 */
let harness: EngineHarness;
afterEach(() => harness.close());

const text = (said: string): LlmBlock => ({ type: "text", text: said });
const note = (id: string) => use(id, "write_file", { path: "note.md", content: "# Note\n" });
const finish = (id: string) => use(id, "finish", { title: "Add a note", summary: "A note." });
const review = (id: string) => use(id, "submit_review", { verdict: "approve", summary: "Fine.", findings: [] });
const good: EngineHarness["turns"] = [[note("n")], [finish("f")], [review("v")]];

async function run(turns: EngineHarness["turns"]): Promise<void> {
  harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.begin("implement");
  harness.turns = turns;
  await harness.drive(1_000);
}

const state = () => harness.journal.view().state;
const cause = () => harness.journal.view().cause;
const lastOf = (request: number) => JSON.stringify(harness.requests[request]?.messages.at(-1));
const notices = () => harness.events().flatMap((event) => (event.type === "notice" ? [event.data.message] : []));
const outcomes = () =>
  harness
    .events()
    .flatMap((event) => (event.type === "tool.finished" ? [`${event.data.name} ${event.data.outcome}`] : []));

it("a call that the answer was cut in is not run; the model is told the limit and goes on", async () => {
  const cut: LlmBlock = { type: "tool_use", id: "c", name: "run_tests", input: {}, fault: "cut" };
  await run([{ blocks: [text("Now."), cut], stopReason: "max_tokens" }, ...good]);
  expect(state()).toBe("WAITING_APPROVAL");
  expect(outcomes().slice(0, 2)).toEqual(["run_tests refused", "write_file ok"]);
  expect(lastOf(1)).toContain("cut at its limit of 64000 tokens inside this call");
  expect(harness.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([64_000, 128_000, 64_000, 64_000]);
  expect(harness.journal.view().costMicros).toBe(400);
});

it("calls before the cut are whole and run", async () => {
  const cut: LlmBlock = { type: "tool_use", id: "c", name: "write_file", input: {}, fault: "cut" };
  await run([{ blocks: [note("n"), cut], stopReason: "max_tokens" }, [finish("f")], [review("v")]]);
  expect(outcomes().slice(0, 2)).toEqual(["write_file refused", "write_file ok"]);
  expect(state()).toBe("WAITING_APPROVAL");
});

it("an answer that is cut in its thinking says so to the model, and the third in a row to a person", async () => {
  const cut = { blocks: [{ type: "thinking" as const, text: "Hm" }], stopReason: "max_tokens" as const };
  await run([cut, cut, cut]);
  expect(lastOf(1)).toContain("64000 tokens while you were still thinking");
  expect(lastOf(2)).toContain("128000 tokens while you were still thinking");
  expect(state()).toBe("NEEDS_HUMAN");
  expect(cause()).toMatch(/^The model's answers were cut at its output limit 3 times in a row/u);
  harness.turns = [...good];
  expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
  await harness.drive();
  expect(state()).toBe("WAITING_APPROVAL");
  expect(harness.journal.view().costMicros).toBe(600);
});

it("a refused answer runs nothing and leaves the history as it was; it is asked for once more", async () => {
  const refused = { blocks: [text("No."), use("r", "shell", { command: "ls" })], stopReason: "refusal" as const };
  await run([refused, ...good]);
  expect(state()).toBe("WAITING_APPROVAL");
  expect(outcomes()[0]).toBe("write_file ok");
  expect(harness.requests[1]?.messages).toEqual(harness.requests[0]?.messages);
  expect(harness.journal.view().costMicros).toBe(400);
});

it("a second refusal asks a person with the vendor's reason, and the run can go on", async () => {
  const refused = { blocks: [], stopReason: "refusal" as const, stopDetail: "cyber: This could enable harm." };
  await run([refused, refused]);
  expect(state()).toBe("NEEDS_HUMAN");
  expect(cause()).toContain("refused to answer, 2 times in a row. Its reason: cyber: This could enable harm. Nothing");
  harness.turns = [...good];
  expect(resumeRun(harness.journal, ada, harness.nowMs)).toEqual({ ok: true });
  await harness.drive();
  expect(state()).toBe("WAITING_APPROVAL");
});

it("a vendor's words hold no credential, wherever a person reads them, also where they are cut", async () => {
  const key = `ghp_${"aB3dE5fG7hJ9kL1mN2pQ".repeat(2).slice(0, 36)}`;
  const detail = `${"x".repeat(1_990)} ${key} is not allowed`;
  await run([{ blocks: [], stopReason: "refusal" as const, stopDetail: detail }, ...good]);
  const refused = harness.events().find((event) => event.type === "turn.finished");
  expect(refused?.type === "turn.finished" ? refused.data.stopDetail : "").toMatch(/^x+/u);
  expect(JSON.stringify(harness.events())).not.toContain("ghp_");
  await harness.close();
  await run([new PortError("llm", "permanent", "refused", `the prompt has ${key}`)]);
  expect(state()).toBe("NEEDS_HUMAN");
  expect(cause()).toContain("by its policy: the prompt has [redacted");
  expect(JSON.stringify(harness.events())).not.toContain("ghp_");
});

it("a model that never answers asks a person with the reason of its last failure", async () => {
  await run(Array.from({ length: 14 }, () => new PortError("llm", "transient", "overloaded", "529")));
  expect(state()).toBe("NEEDS_HUMAN");
  expect(cause()).toMatch(/did not answer 14 times in a row\. The last time: The model's provider is overloaded/u);
});

it("names, ids and texts that a vendor would refuse for ever are made lawful, and the call is answered", async () => {
  const odd = [
    use("x", "", {}),
    use("x", "repo.shell $x", {}),
    use("", "write_file", { path: "a\ud800", content: "\0" }),
  ];
  await run([odd, [finish("f")], [review("v")]]);
  const sent = harness.requests[1]?.messages.flatMap(({ blocks }) => blocks) ?? [];
  const calls = sent.filter((block) => block.type === "tool_use");
  expect(calls.map(({ name }) => name)).toEqual(["unknown-unnamed", "unknown-repo_shell__x", "write_file"]);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
  expect(calls.every(({ id }) => /^[A-Za-z0-9_-]{1,64}$/u.test(id))).toBe(true);
  expect(JSON.stringify(sent)).not.toMatch(/\\u0000|\\ud800/u);
  expect(outcomes().slice(0, 2)).toEqual(["unknown-unnamed refused", "unknown-repo_shell__x refused"]);
  expect(state()).toBe("WAITING_APPROVAL");
});

it("thinking that the vendor does not take back is left out once, whole, and the call is made again", async () => {
  const stale = new PortError("llm", "permanent", "stale_thinking", "bound to a different conversation");
  const thinking: LlmBlock = {
    type: "thinking",
    text: "Hm",
    opaque: { type: "thinking", thinking: "Hm", signature: "s" },
  };
  await run([[thinking, use("l", "list_files", {})], stale, [note("n")], [finish("f")], [review("v")]]);
  expect(state()).toBe("WAITING_APPROVAL");
  const has = (request: number) => JSON.stringify(harness.requests[request]?.messages).includes('"signature"');
  expect([has(0), has(1), has(2), has(3)]).toEqual([false, true, false, false]);
  expect(notices().filter((message) => message.includes("earlier thinking"))).toHaveLength(1);
});

it("a summary that the vendor can't open gives way to what is pinned", async () => {
  const stale = new PortError("llm", "permanent", "stale_thinking", "encrypted content could not be verified");
  harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.begin("implement", "Write the note.");
  harness.turns = [[use("l", "list_files", {})]];
  await harness.drive(1_000, () => harness.requests.length === 1);
  const summary: LlmBlock = { type: "compaction", text: "", opaque: [{ type: "compaction", encrypted_content: "e" }] };
  harness.journal.commit({
    events: [],
    messages: [
      { conversation: "coder", message: { role: "assistant", blocks: [summary] } },
      { conversation: "coder", message: { role: "user", blocks: [text("Go on.")] } },
    ],
  });
  harness.turns = [stale, [note("n")], [finish("f")], [review("v")]];
  await harness.drive(1_000);
  expect(state()).toBe("WAITING_APPROVAL");
  expect(JSON.stringify(harness.requests[2]?.messages)).not.toContain("encrypted_content");
  expect(JSON.stringify(harness.requests[2]?.messages)).toContain("Write the note.");
});

it("a vendor that stays with its refusal of the thinking asks a person", async () => {
  const stale = new PortError("llm", "permanent", "stale_thinking", "bound to a different conversation");
  await run([stale]);
  expect(state()).toBe("NEEDS_HUMAN");
});

it("quadrillions of tokens are booked as the most that the call can have had, and told", async () => {
  const usage = { inputTokens: 9e15, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 9e15 };
  harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.costMicros = costMicros;
  harness.begin("implement");
  harness.turns = [{ blocks: [note("n")], usage }, [finish("f")], [review("v")]];
  await harness.drive(1_000);
  expect(state()).toBe("WAITING_APPROVAL");
  const spent = harness.journal.view().costMicros ?? 0;
  expect(spent).toBeGreaterThan(64_000 * 20);
  expect(spent).toBeLessThan(2_000_000);
  expect(notices().join()).toContain("9000000000000000 tokens of output, where at most 64000 were asked for");
});

it("an input of 50,000 levels is refused to the model, not the end of the run", async () => {
  const deep: unknown = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
  await run([[use("d", "shell", { command: deep })], ...good]);
  expect(outcomes()[0]).toBe("shell refused");
  expect(lastOf(1)).toContain("nested more than 64 deep");
  expect(state()).toBe("WAITING_APPROVAL");
});

it("near its last turn a stage is asked to call its own tool", async () => {
  harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.begin("plan");
  harness.turns = Array.from({ length: 50 }, (_, index) => [use(`l${index}`, "list_files", { depth: index + 1 })]);
  await harness.drive(1_000);
  const said = harness.requests.map(({ messages }) => JSON.stringify(messages.at(-1)));
  const asked = said.find((last) => last.includes("turns left"));
  expect(asked).toContain("call submit_plan");
  expect(asked).not.toContain("finish");
});

it("more changes than a patch set holds are told after the call and at finish, and the run goes on without them", async () => {
  harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.begin("implement");
  harness.turns = [[use("l", "list_files", {})]];
  await harness.drive(1_000, () => outcomes().length === 1);
  const id = `run-${harness.journal.spec.runId}`;
  await harness.sandbox.writeFile(id, "repo/build.bin", new Uint8Array(11_000_000));
  harness.turns = [
    [note("n")],
    [finish("f")],
    [use("d", "shell", { command: "rm build.bin" })],
    [finish("g")],
    [review("v")],
  ];
  await harness.drive(1_000);
  expect(outcomes()).toEqual([
    "list_files ok",
    "write_file error",
    "finish error",
    "shell ok",
    "finish ok",
    "submit_review ok",
  ]);
  expect(lastOf(2)).toContain("Wrote note.md");
  expect(lastOf(2)).toContain("The changes together hold more than 10000000 bytes");
  expect(lastOf(3)).toContain("The changes together hold more than");
  expect(state()).toBe("WAITING_APPROVAL");
});

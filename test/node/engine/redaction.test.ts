import { afterEach, expect, it } from "vitest";
import type { LlmBlock, LlmPort } from "../../../worker/ports/llm.ts";
import { EngineHarness } from "./harness.ts";
import { use } from "./scenario.ts";

/* A credential that the model has from anywhere is in nothing that is kept or shown; a call runs as the model wrote it. */
const token = `ghp_${"a1B2".repeat(9)}`;
const key = [
  "-----BEGIN PRIVATE KEY-----",
  "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw".repeat(3),
  "-----END PRIVATE KEY-----",
].join("\n");
const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";

let harness: EngineHarness;
afterEach(() => harness.close());

const kept = () =>
  JSON.stringify([harness.events(), harness.journal.conversation("coder"), harness.journal.conversation("reviewer#1")]);

it("turns, questions, reports, reviews and artifacts name it in the place of its bytes", async () => {
  harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.begin("implement");
  const thinking: LlmBlock = {
    type: "thinking",
    text: token,
    opaque: { type: "thinking", thinking: token, signature: "s" },
  };
  harness.turns = [
    [
      thinking,
      { type: "text", text: `It is ${token} and ${key}.` },
      use("w", "write_file", { path: "note.md", content: `${token}\n` }),
    ],
    [use("f", "finish", { title: `Use ${token}`, summary: `As in ${key}` })],
    [
      use("v", "submit_review", {
        verdict: "approve",
        summary: token,
        findings: [{ path: "note.md", severity: "note", message: key }],
      }),
    ],
  ];
  await harness.drive();
  expect(kept()).not.toContain(token);
  expect(kept()).not.toContain(body);
  expect(kept()).toContain("[redacted: GitHub token]");
  expect(
    JSON.stringify(await Promise.all(["run:coder:1:1", "run:coder:1:2"].map((id) => harness.bodies(id)))),
  ).not.toContain(token);
  const work = harness.journal.work("1").map(({ bytes }) => new TextDecoder().decode(bytes));
  expect(work).toEqual([`${token}\n`]);
});

it("a file's name too, wherever names are kept or shown; the bytes that the hash covers stay as they are", async () => {
  harness = EngineHarness.start({ "README.md": "# One\n", "test/a.test.js": "" });
  harness.begin("implement");
  const name = `keys/${token}.txt`;
  harness.turns = [
    [
      use("w", "write_file", { path: name, content: "x\n" }),
      use("t", "write_file", { path: `test/${token}.test.js`, content: 'fit("x", () => {});\n' }),
      use("l", "shell", { command: `ls keys; cp ${name} A.txt; cp ${name} a.txt` }),
      use("d", "git_diff", {}),
      use("m", "read_file", { path: `${name}.missing` }),
    ],
    [use("f", "finish", { title: "Add", summary: `See ${name}` })],
    [use("s", "shell", { command: "rm A.txt" }), use("f2", "finish", { title: "Add", summary: `See ${name}` })],
    [
      use("v", "submit_review", {
        verdict: "approve",
        summary: name,
        findings: [{ path: name, severity: "note", message: "x" }],
      }),
    ],
  ];
  await harness.drive();
  expect(harness.journal.view().state).toBe("BLOCKED_POLICY");
  expect(kept()).not.toContain(token);
  expect(JSON.stringify(harness.journal.view())).not.toContain(token);
  expect(JSON.stringify(harness.frames)).not.toContain(token);
  const proposed = harness.events().find((event) => event.type === "patch_set.proposed");
  expect(proposed?.data.patches.map(({ path }) => path)).toContain("keys/[redacted: GitHub token].txt");
  const reported = harness.events().find((event) => event.type === "tests.reported");
  expect(reported?.data.findings.map(({ path }) => path)).toContain("test/[redacted: GitHub token].test.js");
  const hash = proposed?.data.hash ?? "";
  expect(harness.journal.patchSetChanges(hash)?.map(({ path }) => path)).toContain(name);
});

it("a name that only looks like a credential, and that policy does not block, stays as it is", async () => {
  harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.begin("implement");
  const name = "docs/AKIAIOSFODNN7EXAMPLE.md";
  harness.turns = [
    [use("w", "write_file", { path: name, content: "x\n" }), use("f", "finish", { title: "Add", summary: "x" })],
    [use("v", "submit_review", { verdict: "approve", summary: "fine", findings: [] })],
  ];
  await harness.drive();
  const proposed = harness.events().find((event) => event.type === "patch_set.proposed");
  expect(proposed?.data.patches.map(({ path }) => path)).toEqual([name]);
  expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
});

it("a question to a person too", async () => {
  harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.begin("implement");
  harness.turns = [[use("q", "ask_person", { question: `Is ${token} yours?` })]];
  await harness.drive();
  expect(harness.journal.view().question?.question).toBe("Is [redacted: GitHub token] yours?");
  expect(kept()).not.toContain(token);
});

it("live text shows no part of it, however the stream parts it", async () => {
  harness = EngineHarness.start({ "README.md": "# One\n" });
  harness.begin("implement");
  const said = `It is ${token} and ${key} . `;
  const llm: LlmPort = {
    complete: async ({ onDelta }) => {
      for (const piece of said.match(/.{1,5}/gsu) ?? []) onDelta({ type: "text", text: piece });
      return {
        blocks: [{ type: "text", text: said }],
        ...{ stopReason: "end_turn", model: "m", vendorRequestId: undefined },
        usage: { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1 },
      };
    },
  };
  harness.llm = llm;
  await harness.drive();
  const live = harness.frames.flatMap((frame) => (frame.t === "delta" ? [frame.text] : [])).join("");
  expect(live).toContain("It is [redacted: GitHub token] and [redacted: private key]");
  expect(live).not.toContain("ghp_");
  expect(live).not.toContain("MIIE");
});

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { costMicros } from "../domain/budget/cost.ts";
import { models } from "../domain/budget/models.ts";
import { startModel } from "../local/model/index.ts";
import { ApiClient } from "../local/stack/client.ts";
import { readSettings } from "../local/stack/settings.ts";
import { startStack } from "../local/stack/stack.ts";
import { silentLog } from "../local/stack/status.ts";
import { billAnthropic, billOpenAi, type BilledInput, type SentRequest } from "./prompt-price.ts";
import { isSmoke } from "./smoke.ts";
import { printTable, type Row } from "./stats.ts";

/*
 * The price of a coder's input over 30 turns, from the very bytes that the product sends: a run on the whole local stack, whose model is
 * scripted and whose requests are kept. Priced by the vendors' rules (prompt-price.ts) and their list prices, beside the same
 * tokens uncached. Turns are taken to follow each other within the cache's lifetime, at 20 s each.
 */
const bar = 0.2;
const turnMs = 20_000;

interface Call {
  readonly name: string;
  readonly input: object;
}
interface Turn {
  readonly text: string;
  readonly toolCalls: readonly Call[];
}

const root = path.join(import.meta.dirname, "..");
/** Modules of 2 to 6 kB, and of 8 to 10 kB: this project's own. */
const short = ["machine.ts", "next.ts", "projection.ts", "conversation.ts", "backoff.ts"].map(
  (name) => `domain/run/${name}`,
);
const long = [
  "worker/services/run/engine/steps/turn.ts",
  "worker/services/run/engine/steps/tool.ts",
  "durable-objects/run/run-object.ts",
  "domain/run/fold.ts",
  "worker/services/run/start-run.ts",
];
const read = (file: string): Call => ({ name: "read_file", input: { path: file } });
const turn = (...toolCalls: readonly Call[]): Turn => ({
  text: "I see how this hangs together. Next I look at the place where the value is made, then I change it there and run the tests.",
  toolCalls,
});
const finish = turn({
  name: "finish",
  input: { outcome: "declined", title: "Measure only", summary: "This run measures what its input costs." },
});

/** A coder's way: looks around, reads, writes modules, edits them, runs the tests, reads its diff. One call a turn. */
const oneByOne = (modules: readonly string[]): readonly Turn[] => [
  turn({ name: "list_files", input: { recursive: true } }),
  turn({ name: "grep", input: { pattern: "export function" } }),
  ...["src/duration.js", "src/bytes.js", "src/number.js", "test/duration.test.js", "README.md"].map((file) =>
    turn(read(file)),
  ),
  ...modules.flatMap((file) => {
    const name = `lib/${path.basename(file)}`;
    return [
      turn({ name: "write_file", input: { path: name, content: readFileSync(path.join(root, file), "utf8") } }),
      turn(read(name)),
      turn({ name: "edit_file", input: { path: name, old_string: "import", new_string: "import " } }),
      turn({ name: "run_tests", input: {} }),
    ];
  }),
  turn({ name: "git_diff", input: {} }),
  turn({ name: "run_tests", input: {} }),
  finish,
];

/** A read of a part of a file that no other call of the script reads: an agent that repeats a call is stopped for that. */
const readPart = (file: string, number: number): Call => ({
  name: "read_file",
  input: { path: file, offset: 1 + (number % 10), limit: 40 + Math.floor(number / 10) },
});

/** The same length with many calls at once, more than the 20 blocks that the vendor looks back. */
const manyAtOnce: readonly Turn[] = [
  ...Array.from({ length: 29 }, (_, index) =>
    index % 4 === 1
      ? turn(
          ...Array.from({ length: 24 }, (_unused, call) =>
            readPart(call % 2 === 0 ? "src/number.js" : "src/bytes.js", index * 24 + call),
          ),
        )
      : turn(readPart("src/duration.js", index)),
  ),
  finish,
];

const dataDir = mkdtempSync(path.join(tmpdir(), "lime-bench-"));
const model = await startModel({ port: 0 });
let sent: string[] = [];
const recorder = createServer((request, response) => {
  void (async () => {
    const chunks: string[] = [];
    for await (const chunk of request.setEncoding("utf8")) chunks.push(String(chunk));
    if (request.method === "POST") sent.push(chunks.join(""));
    const headers = new Headers();
    for (const name of ["content-type", "x-api-key", "authorization", "anthropic-version", "anthropic-beta"]) {
      const value = request.headers[name];
      if (typeof value === "string") headers.set(name, value);
    }
    const answer = await fetch(model.url + (request.url ?? "/"), {
      method: request.method ?? "GET",
      headers,
      ...(request.method === "POST" ? { body: chunks.join("") } : {}),
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
    response.end(await answer.text());
  })().catch(() => response.destroy());
});
await new Promise<void>((resolve) => recorder.listen(0, "127.0.0.1", resolve));
const address = recorder.address();
if (address === null || typeof address === "string") throw new Error("no port");
const stack = await startStack({
  settings: readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir }),
  log: silentLog,
  modelUrl: `http://127.0.0.1:${address.port}`,
});
try {
  const client = new ApiClient(stack.url);
  await client.signIn("lime-dev");
  const steady = (bodies: readonly string[]): SentRequest[] =>
    bodies.map((body, index) => ({ body, atMs: index * turnMs }));
  const rows: Row[] = [];
  const scripts = [
    ["short files", oneByOne(short)],
    ["long files", oneByOne(long)],
    ["24 calls every fourth turn", manyAtOnce],
  ] as const;
  for (const [what, whole] of isSmoke ? scripts.slice(1) : scripts) {
    const turns = isSmoke ? [...whole.slice(0, 6), finish] : whole;
    const claude = await requestsOf(client, "claude-opus-5-5", turns);
    const codex = await requestsOf(client, "gpt-6.1-sol", turns);
    for (const { id, provider } of models) {
      const bills = provider === "anthropic" ? billAnthropic(steady(claude), familyOf(id)) : billOpenAi(steady(codex));
      // The shortest prompt that the present Haiku caches is not published, so Haiku does not fail the bench.
      rows.push(row(`${what}, ${id}`, id, bills, !id.includes("haiku")));
    }
    const paused = steady(claude).map(({ atMs, body }, index) => ({
      body,
      atMs: atMs + (index < 15 ? 0 : 6 * 60_000),
    }));
    rows.push(
      row(`${what}, claude-opus-5-5, one pause of 6 min`, "claude-opus-5-5", billAnthropic(paused, "opus"), false),
    );
  }
  printTable(rows);
} finally {
  await stack.close();
  recorder.close();
  await model.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
}

/** The bodies of a run's 30 turns with this script. */
async function requestsOf(client: ApiClient, modelId: string, turns: readonly Turn[]): Promise<readonly string[]> {
  if (!isSmoke && turns.length !== 30) throw new Error(`a script of ${turns.length} turns`);
  if (stack.seeded === undefined) throw new Error("the seed is incomplete");
  await fetch(`${model.url}/_model`, { method: "DELETE" });
  await fetch(`${model.url}/_model/script`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ turns }),
  });
  sent = [];
  const run = await client.startRun({
    projectId: stack.seeded.project.id,
    repositoryId: stack.seeded.repository.id,
    model: modelId,
    mode: "implement",
    prompt: "Split the duration module by idea, keep its exports, and have the tests pass.",
  });
  await client.waitFor(run.id, ["DECLINED"], 120_000);
  if (sent.length !== turns.length) throw new Error(`${sent.length} requests for ${turns.length} turns`);
  return sent;
}

function familyOf(modelId: string): "fable" | "opus" | "sonnet" | "haiku" {
  const family = (["fable", "opus", "sonnet", "haiku"] as const).find((name) => modelId.includes(name));
  if (family === undefined) throw new Error(`no known family: ${modelId}`);
  return family;
}

function row(what: string, modelId: string, bills: readonly BilledInput[], judged: boolean): Row {
  const price = (bill: BilledInput): number => {
    const tokens = { inputTokens: bill.uncached, cacheReadTokens: bill.read, cacheWriteTokens: bill.written };
    return costMicros(modelId, { ...tokens, outputTokens: 0 }) ?? Number.NaN;
  };
  const whole = (bill: BilledInput): BilledInput => ({
    uncached: bill.uncached + bill.read + bill.written,
    read: 0,
    written: 0,
  });
  const ours = bills.reduce((sum, bill) => sum + price(bill), 0);
  const bare = bills.reduce((sum, bill) => sum + price(whole(bill)), 0);
  const ratio = ours / bare;
  if (judged && !isSmoke && !(ratio <= bar)) process.exitCode = 1;
  return {
    what: `input of 30 turns: ${what}`,
    ours: dollars(ours),
    bare: dollars(bare),
    ratio: ratio.toFixed(3),
    bar: what.includes("pause") ? "" : `<= ${bar.toFixed(2)}`,
  };
}

function dollars(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(4)}`;
}

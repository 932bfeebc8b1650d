import * as z from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fold } from "../../domain/run/fold.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import type { Run } from "../../contracts/run.ts";
import { findLedgerBreak } from "../../local/stack/verify-ledger.ts";
import { heldCommits } from "./held-commits.ts";
import { ofType, settle, startFixture, type Fixture } from "../stack-fixture.ts";
import { ThreeRepositories } from "./three-repositories.ts";

/*
 * Faults of the other sides during a run: each on the real wire, the invariants checked against the other side's own ledger.
 */
let fixture: Fixture;
const anyBody = z.unknown();
const counted = z.object({ outputTokens: z.int() });
const modelLedger = z.union([z.array(counted), z.object({ calls: z.array(counted) }).transform(({ calls }) => calls)]);
const keptCalls = z.object({ items: z.array(counted) });

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(async () => {
  await fixture?.close();
});

const finish = { name: "finish", input: { title: "Add a note", summary: "A note.", outcome: "done" } };
const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };
const note = (marker: string): { name: string; input: unknown } => ({
  name: "write_file",
  input: { path: `notes/${marker}.md`, content: `# ${marker}\n` },
});

async function begin(
  marker: string,
  turns: Parameters<Fixture["script"]>[1] = [{ toolCalls: [note(marker)] }, { toolCalls: [finish] }],
): Promise<Run> {
  await fixture.script(`fault-${marker}`, turns);
  await fixture.script("Diff to review", [{ toolCalls: [review] }]);
  return fixture.client.startRun({ ...fixture.target, mode: "implement", prompt: `fault-${marker}` });
}

async function approve(run: Run): Promise<void> {
  const patchSet = (await fixture.client.patchSets(run.id))[0];
  if (patchSet === undefined) throw new Error("no patch set");
  await fixture.client.decide(run.id, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}

const modelFault = (fault: object): Promise<void> => post(`${fixture.stack.model?.url ?? ""}/_model/faults`, fault);
const forgeFault = (method: string, path: string, status: number, after = false): Promise<void> =>
  post(`${fixture.stack.forge?.url ?? ""}/_forge/faults`, { match: { method, path }, times: 1, status, after });

/** Checks a run's numbers, state and ledger, which hold after every fault. */
async function checkLog(run: Run): Promise<readonly RunEvent[]> {
  const events = await fixture.client.events(run.id);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  const present = await fixture.client.run(run.id);
  expect(fold(events).state).toBe(present.state);
  expect(findLedgerBreak(await fixture.client.ledger(run.id))).toBeUndefined();
  return events;
}

/** Checks the same, and the writes of a run over one repository. */
async function check(run: Run, writesBefore: number): Promise<readonly RunEvent[]> {
  const events = await checkLog(run);
  const made = (fixture.stack.forge?.writes() ?? [])
    .slice(writesBefore)
    .filter(({ method, status }) => method === "POST" && status < 300);
  const results = (pattern: RegExp): ReadonlySet<string> =>
    new Set(made.filter(({ path }) => pattern.test(path)).map(({ result }) => result));
  const approved = events.some((event) => event.type === "approval.decided" && event.data.decision === "approve");
  expect(heldCommits(made).length).toBeLessThanOrEqual(approved ? 1 : 0);
  for (const pattern of [/\/git\/refs$/u, /\/pulls$/u])
    expect(results(pattern).size).toBeLessThanOrEqual(approved ? 1 : 0);
  return events;
}

const writes = (): number => fixture.stack.forge?.writes().length ?? 0;

describe("the model", () => {
  test.each([
    ["a stream that is cut", { kind: "cut" }, "stream_cut"],
    ["an overload", { kind: "529" }, "overloaded"],
    ["a rate limit with retry-after", { kind: "429", retryAfterSeconds: 2 }, "rate_limited"],
    ["a broken server", { kind: "500" }, "server_error"],
  ])("%s is waited out, and no part of the failed call counts", async (_name, fault, code) => {
    const before = writes();
    await modelFault({ ...fault, times: 2 });
    const { run } = await settle(fixture.client, await begin(`model-${code}`));
    expect(run.state).toBe("WAITING_APPROVAL");
    const events = await check(run, before);
    expect(ofType(events, "turn.failed").map(({ data }) => data.code)).toEqual([code, code]);
    expect(ofType(events, "turn.finished")).toHaveLength(3);
    expect(ofType(events, "tool.finished").filter(({ data }) => data.name === "write_file")).toHaveLength(1);
  });

  test("the money in the run is the model server's own count", async () => {
    await fetch(`${fixture.stack.model?.url ?? ""}/_model/calls`, { method: "DELETE" });
    const { run } = await settle(fixture.client, await begin("money"));
    const answer = await fetch(`${fixture.stack.model?.url ?? ""}/_model/calls`);
    const calls = modelLedger.parse(await answer.json());
    const events = await fixture.client.events(run.id);
    expect(calls).toHaveLength(ofType(events, "turn.finished").length);
    expect(run.outputTokens).toBe(calls.reduce((sum, call) => sum + call.outputTokens, 0));
    const kept = keptCalls.parse(await fixture.client.http.api(anyBody, "GET", `/api/runs/${run.id}/model-calls`));
    expect(kept.items.map(({ outputTokens }) => outputTokens)).toEqual(calls.map(({ outputTokens }) => outputTokens));
  });
});

describe("the forge", () => {
  test.each([
    ["commit", "/git/commits$"],
    ["branch", "/git/refs$"],
    ["pull request", "/pulls$"],
  ])("a 502 after the %s was made leaves no second one on a branch or as a pull request", async (name, path) => {
    const before = writes();
    const marker = `lost-${name.replace(" ", "-")}`;
    const { run } = await settle(fixture.client, await begin(marker));
    await forgeFault("POST", path, 502, true);
    await approve(run);
    expect((await fixture.client.waitFor(run.id, ["DONE", "NEEDS_HUMAN"], 90_000)).state).toBe("DONE");
    await check(run, before);
  });

  test("a 502 after every write of a run over three repositories leaves no second one of any", async () => {
    const three = await ThreeRepositories.bringIn(fixture);
    const { run } = await settle(fixture.client, await three.start("lost-lanes"));
    for (const { name } of run.repositories) {
      for (const address of ["/git/commits$", "/git/refs$", "/pulls$"])
        await forgeFault("POST", `/${name}${address}`, 502, true);
      await forgeFault("PATCH", `/${name}/pulls/`, 502, true);
    }
    await three.approve(run);
    const ended = await fixture.client.waitFor(run.id, ["DONE", "NEEDS_HUMAN"], 120_000);
    expect(ended.state).toBe("DONE");
    await three.checkDelivered(ended);
    await checkLog(run);
  });

  test("a write that is refused asks a person, and a resume finishes it", async () => {
    const before = writes();
    const { run } = await settle(fixture.client, await begin("forbidden"));
    await forgeFault("POST", "/git/refs$", 403);
    await approve(run);
    const stopped = await fixture.client.waitFor(run.id, ["DONE", "NEEDS_HUMAN"], 60_000);
    expect(stopped).toMatchObject({
      state: "NEEDS_HUMAN",
      cause: expect.stringContaining("refused to write the branch"),
    });
    await fixture.client.http.api(anyBody, "POST", `/api/runs/${run.id}/resume`, {});
    expect((await fixture.client.waitFor(run.id, ["DONE"], 90_000)).state).toBe("DONE");
    await check(run, before);
  });

  test("reads that fail at the start are tried again", async () => {
    for (const status of [500, 502, 503]) await forgeFault("GET", "/repos/lime-labs/lime-units/", status);
    const { run } = await settle(fixture.client, await begin("reads"));
    expect(run.state).toBe("WAITING_APPROVAL");
  });

  test("webhooks that are lost only cost time; CI is read from the forge itself", async () => {
    const before = writes();
    fixture.stack.forge?.setWebhookUrl("http://127.0.0.1:9/nowhere");
    const { run } = await settle(fixture.client, await begin("lost-webhooks"));
    await approve(run);
    expect((await fixture.client.waitFor(run.id, ["DONE", "NEEDS_HUMAN"], 100_000)).state).toBe("DONE");
    await check(run, before);
    fixture.stack.forge?.setWebhookUrl(`${fixture.stack.url}/api/webhooks/github`);
  });
});

describe("the sandbox", () => {
  test("that dies in mid-run is made again with the work that was saved", async () => {
    const run = await begin("sandbox", [
      { toolCalls: [note("sandbox")] },
      { toolCalls: [{ name: "shell", input: { command: "sleep 3; cat notes/sandbox.md" } }] },
      { toolCalls: [{ name: "shell", input: { command: "cat notes/sandbox.md" } }] },
      { toolCalls: [finish] },
    ]);
    for await (const event of fixture.client.followEvents(run.id))
      if (event.type === "tool.started" && event.data.name === "shell") break;
    await fixture.stack.sandboxHost.internals.registry.destroy(`run-${run.id}`);
    const settled = await settle(fixture.client, run);
    expect(settled.run.state).toBe("WAITING_APPROVAL");
    expect(ofType(settled.events, "sandbox.opened").map(({ data }) => data.restored)).toEqual([false, true]);
    const last = ofType(settled.events, "tool.finished").findLast(({ data }) => data.name === "shell");
    expect(last?.data.output).toContain("# sandbox");
  });
});

describe("a browser", () => {
  test("that loses its socket at random events sees the log once, without a gap", async () => {
    const run = await begin("sockets", [
      { toolCalls: Array.from({ length: 12 }, (_, index) => note(`sockets-${index}`)) },
      { toolCalls: [finish] },
    ]);
    const seen: RunEvent[] = [];
    for (let round = 0; ; round += 1) {
      const stopAfter = 1 + ((round * 7) % 5);
      let count = 0;
      for await (const event of fixture.client.followEvents(run.id, { since: seen.at(-1)?.seq ?? 0 })) {
        seen.push(event);
        count += 1;
        if (count >= stopAfter || fold(seen).state === "WAITING_APPROVAL") break;
      }
      if (fold(seen).state === "WAITING_APPROVAL") break;
    }
    const log = await fixture.client.events(run.id);
    expect(seen).toEqual(log.slice(0, seen.length));
  });
});

describe("two people", () => {
  test("steering at once both reach the agent; the eleventh message is refused", async () => {
    const run = await begin("steer", [
      { toolCalls: [{ name: "shell", input: { command: "sleep 4" } }] },
      { toolCalls: [note("steer")] },
      { toolCalls: [finish] },
    ]);
    for await (const event of fixture.client.followEvents(run.id)) if (event.type === "tool.started") break;
    const sent = await Promise.allSettled(
      Array.from({ length: 11 }, (_, index) =>
        fixture.client.http.api(anyBody, "POST", `/api/runs/${run.id}/messages`, { text: `message ${index}` }),
      ),
    );
    expect(sent.filter(({ status }) => status === "rejected")).toHaveLength(1);
    const { events } = await settle(fixture.client, run);
    expect(ofType(events, "message.delivered")).toHaveLength(10);
  });

  test("pause stops within a second while a tool runs, and resume continues", async () => {
    const run = await begin("pause", [
      { toolCalls: [{ name: "shell", input: { command: "sleep 60" } }] },
      { toolCalls: [note("pause")] },
      { toolCalls: [finish] },
    ]);
    for await (const event of fixture.client.followEvents(run.id)) if (event.type === "tool.started") break;
    const askedAt = performance.now();
    await fixture.client.http.api(anyBody, "POST", `/api/runs/${run.id}/pause`, {});
    expect(performance.now() - askedAt).toBeLessThan(1000);
    const paused = await fixture.client.events(run.id);
    expect(fold(paused).paused).toBe(true);
    await fixture.client.http.api(anyBody, "POST", `/api/runs/${run.id}/resume`, {});
    const { events, run: settled } = await settle(fixture.client, run);
    expect(settled.state).toBe("WAITING_APPROVAL");
    expect(ofType(events, "tool.finished")[0]?.data.outcome).toBe("interrupted");
  });
});

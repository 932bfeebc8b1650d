import * as z from "zod";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findLedgerBreak } from "../../local/stack/verify-ledger.ts";
import { ofType, settle, startFixture, type Fixture } from "../stack-fixture.ts";
import { makeSpellingRepository } from "../spelling-repository.ts";

/*
 * CI that turns red on a pull request: the coder gets the log, a person approves the repair, and it goes onto the same pull
 * request. The repository's CI runs a check that its tests know nothing of.
 */
const anyBody = z.unknown();
const keptCalls = z.object({ items: z.array(z.object({ callId: z.string(), stage: z.string() })) });
let fixture: Fixture;
let repository: ReturnType<typeof makeSpellingRepository>;

beforeAll(async () => {
  fixture = await startFixture();
  repository = makeSpellingRepository();
});

afterAll(async () => {
  await fixture?.close();
  repository?.remove();
});

async function approve(runId: string): Promise<void> {
  const patchSet = (await fixture.client.patchSets(runId)).find(({ superseded }) => !superseded);
  if (patchSet === undefined) throw new Error("no patch set");
  await fixture.client.decide(runId, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
}

test("red CI goes back to the coder with the log, and the approved repair onto the same pull request", async () => {
  const target = await fixture.project("CI", "words", { kind: "directory", path: repository.dir });
  const readme = (text: string): object => ({ name: "write_file", input: { path: "README.md", content: text } });
  const finish = { name: "finish", input: { title: "Explain the words", summary: "A line.", outcome: "done" } };
  const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };
  await fixture.script("explain-the-words", [
    { toolCalls: [readme("# Words\n\nteh words\n") as never] },
    { toolCalls: [finish] },
    { toolCalls: [readme("# Words\n\nthe words\n") as never] },
    { toolCalls: [finish] },
  ]);
  await fixture.script("Diff to review", [{ toolCalls: [review] }]);
  const started = await fixture.client.startRun({ ...target, mode: "implement", prompt: "explain-the-words" });
  expect((await settle(fixture.client, started)).run.state).toBe("WAITING_APPROVAL");
  const writesBefore = fixture.stack.forge?.writes().length ?? 0;
  await approve(started.id);
  for await (const event of fixture.client.followEvents(started.id))
    if (event.type === "run.state_changed" && event.data.trigger === "ci_failed") break;
  expect((await settle(fixture.client, started)).run.state).toBe("WAITING_APPROVAL");
  const { items } = keptCalls.parse(
    await fixture.client.http.api(anyBody, "GET", `/api/runs/${started.id}/model-calls`),
  );
  const repair = items.filter(({ stage }) => stage === "coder")[2]?.callId ?? "";
  const call = await fixture.client.http.api(
    anyBody,
    "GET",
    `/api/runs/${started.id}/model-calls/${encodeURIComponent(repair)}`,
  );
  expect(JSON.stringify(call)).toContain("README.md: teh should be the");

  await approve(started.id);
  expect((await fixture.client.waitFor(started.id, ["DONE", "FAILED", "NEEDS_HUMAN"], 90_000)).state).toBe("DONE");
  const events = await fixture.client.events(started.id);
  expect(new Set(ofType(events, "pull_request.opened").map(({ data }) => data.number)).size).toBe(1);
  expect(ofType(events, "approval.decided")).toHaveLength(2);
  expect(findLedgerBreak(await fixture.client.ledger(started.id))).toBeUndefined();
  const made = (fixture.stack.forge?.writes() ?? []).slice(writesBefore).filter(({ status }) => status < 300);
  const count = (method: string, pattern: RegExp): number =>
    made.filter((write) => write.method === method && pattern.test(write.path)).length;
  expect([count("POST", /\/git\/commits$/u), count("POST", /\/git\/refs$/u), count("POST", /\/pulls$/u)]).toEqual([
    2, 1, 1,
  ]);
  expect(count("PATCH", /\/git\/refs\//u)).toBe(1);
});

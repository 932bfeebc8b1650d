import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { OutsideCheckRequest } from "../../local/forge/types.ts";
import { findLedgerBreak } from "../../local/stack/verify-ledger.ts";
import { ofType, settle, startFixture, type Fixture } from "../stack-fixture.ts";

/*
 * Checks that no workflow makes: a commit status and another app's check run on the head commit, in a repository without workflows.
 */
const anyBody = z.unknown();
const madeSchema = z.object({ sha: z.string().optional() });
let fixture: Fixture;
let dir: string;

beforeAll(async () => {
  fixture = await startFixture();
  dir = mkdtempSync(path.join(tmpdir(), "lime-delivery-"));
  writeFileSync(path.join(dir, "README.md"), "# Words\n");
});

afterAll(async () => {
  await fixture?.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Delivered {
  readonly id: string;
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
  readonly number: number;
}

async function approve(runId: string): Promise<void> {
  const patchSet = (await fixture.client.patchSets(runId)).find(({ superseded }) => !superseded);
  if (patchSet === undefined) throw new Error("no patch set");
  await fixture.client.decide(runId, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
}

/** The run's pull request as the forge got it last; of version 2 only once its commit differs. */
async function delivered(runId: string, repository: string, before?: string): Promise<Delivered> {
  for await (const event of fixture.client.followEvents(runId)) {
    if (event.type !== "pull_request.opened" || event.data.commit === before) continue;
    const { branch, commit, number } = event.data;
    return { id: runId, repository, branch, commit, number };
  }
  throw new Error("no pull request was opened");
}

/** A run whose agent writes one line, up to its pull request. */
async function deliver(name: string): Promise<Delivered> {
  const target = await fixture.project(name.toUpperCase(), name, { kind: "directory", path: dir });
  const readme = (text: string): object => ({ name: "write_file", input: { path: "README.md", content: text } });
  const finish = { name: "finish", input: { title: "Explain the words", summary: "A line.", outcome: "done" } };
  const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };
  await fixture.script(`explain-${name}`, [
    { toolCalls: [readme("# Words\n\nteh words\n") as never] },
    { toolCalls: [finish] },
    { toolCalls: [readme("# Words\n\nthe words\n") as never] },
    { toolCalls: [finish] },
  ]);
  await fixture.script("Diff to review", [{ toolCalls: [review] }, { toolCalls: [review] }]);
  const started = await fixture.client.startRun({ ...target, mode: "implement", prompt: `explain-${name}` });
  expect((await settle(fixture.client, started)).run.state).toBe("WAITING_APPROVAL");
  await approve(started.id);
  return delivered(started.id, `lime-labs/${name}`);
}

async function report(
  { commit, repository }: Delivered,
  name: string,
  conclusion: string | null,
  kind: OutsideCheckRequest["kind"] = "status",
): Promise<void> {
  await fixture.stack.forge?.setCheck({ repository, commit, kind, name, conclusion, url: "https://ci.example/1" });
}

test("a failing commit status goes back to the coder; a required check of another app is waited for", async () => {
  const first = await deliver("words");
  fixture.stack.forge?.setRequiredChecks({ repository: first.repository, branch: "main", names: ["review"] });
  await report(first, "ci/build", "failure");
  await fixture.client.waitFor(first.id, ["WAITING_APPROVAL"], 60_000);
  const { id } = first;
  expect(ofType(await fixture.client.events(id), "ci.updated").at(-1)?.data).toMatchObject({
    source: "status",
    name: "ci/build",
    conclusion: "failure",
  });
  await approve(id);
  const second = await delivered(id, first.repository, first.commit);
  await report(second, "ci/build", "success");
  await report(second, "review", null, "check_run");
  for await (const event of fixture.client.followEvents(id))
    if (event.type === "ci.updated" && event.data.name === "review") break;
  expect((await fixture.client.run(id)).state, "a required check still runs").toBe("VERIFYING_CI");
  await report(second, "review", "success", "check_run");
  expect((await fixture.client.waitFor(id, ["DONE", "FAILED", "NEEDS_HUMAN"], 60_000)).state).toBe("DONE");
  const events = await fixture.client.events(id);
  expect(ofType(events, "ci.required").at(-1)?.data.checks).toEqual([{ name: "review", appId: null }]);
  expect(ofType(events, "gate.evaluated").findLast(({ data }) => data.gate === "G5")?.data.status).toBe("pass");

  // After its end the run is told by the forge's webhook, and a person closes the pull request from the product.
  await asPerson("PATCH", `/repos/${first.repository}/pulls/${first.number}`, { state: "closed" });
  await pullRequestIs(id, "closed");
  await asPerson("PATCH", `/repos/${first.repository}/pulls/${first.number}`, { state: "open" });
  await pullRequestIs(id, "open");
  const close = `/api/runs/${id}/pull-requests/${(await fixture.client.run(id)).repository.id}/close`;
  await fixture.client.http.api(anyBody, "POST", close, { deletesBranch: true });
  expect(await closeEnd(id)).toMatchObject({ outcome: "closed", isBranchDeleted: true });
  await pullRequestIs(id, "closed");
  await expect(asPerson("GET", `/repos/${first.repository}/git/ref/heads/${first.branch}`)).rejects.toThrow("404");
  expect((await fixture.client.run(id)).state).toBe("DONE");
  expect(findLedgerBreak(await fixture.client.ledger(id))).toBeUndefined();
});

/** Waits until the run's row, which lists show, has its pull request in this state. */
async function pullRequestIs(runId: string, state: string): Promise<void> {
  const read = async (): Promise<string | undefined> => (await fixture.client.run(runId)).pullRequest?.state;
  await expect.poll(read, { timeout: 60_000, interval: 200 }).toBe(state);
}

/** The end of the newest request to close the run's pull request. */
async function closeEnd(runId: string): Promise<unknown> {
  for await (const event of fixture.client.followEvents(runId))
    if (event.type === "pull_request.close_ended") return event.data;
  throw new Error("the close came to no end");
}

/** The forge's API as a person of the organisation uses it. */
async function asPerson(method: string, api: string, body?: object): Promise<string> {
  const { forge } = fixture.stack;
  const token = (await forge?.createUserToken("lime-dev")) ?? "";
  const response = await fetch(`${forge?.apiUrl ?? ""}${api}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${api}: ${response.status} ${text}`);
  return text === "" ? "" : (madeSchema.parse(JSON.parse(text)).sha ?? "");
}

/** A person's commit on top of the run's. */
async function pushOver({ branch, commit, repository }: Delivered): Promise<void> {
  const api = `/repos/${repository}/git`;
  const tree = [{ path: "README.md", mode: "100644", type: "blob", content: "no words\n" }];
  const sha = await asPerson("POST", `${api}/trees`, { tree });
  const made = await asPerson("POST", `${api}/commits`, { message: "On top", tree: sha, parents: [commit] });
  await asPerson("PATCH", `${api}/refs/heads/${branch}`, { sha: made });
}

test("people merge, close, delete the branch or push over it while checks run: each is known, and none is green", async () => {
  const merged = await deliver("merged");
  await report(merged, "ci/build", null);
  await asPerson("PUT", `/repos/${merged.repository}/pulls/${merged.number}/merge`, {});
  const done = await fixture.client.waitFor(merged.id, ["DONE", "NEEDS_HUMAN", "FAILED"], 60_000);
  expect(done).toMatchObject({ state: "DONE", pullRequest: { state: "merged" } });
  expect(done.cause).toContain("was merged before its checks had passed");

  const deleted = await deliver("gone");
  await report(deleted, "ci/build", null);
  await asPerson("DELETE", `/repos/${deleted.repository}/git/refs/heads/${deleted.branch}`);
  const asked = await fixture.client.waitFor(deleted.id, ["DONE", "NEEDS_HUMAN", "FAILED"], 60_000);
  expect(asked).toMatchObject({ state: "NEEDS_HUMAN", pullRequest: { state: "closed" } });
  expect(asked.cause).toContain("was deleted");

  const over = await deliver("over");
  await report(over, "ci/build", null);
  await pushOver(over);
  await report(over, "ci/build", "success");
  const moved = await fixture.client.waitFor(over.id, ["DONE", "NEEDS_HUMAN", "FAILED"], 60_000);
  expect(moved.state, "the run's own commit is green, the head is somebody else's").toBe("NEEDS_HUMAN");
  expect(moved.cause).toContain("did not write");
  const head = ofType(await fixture.client.events(over.id), "pull_request.updated").at(-1)?.data.headCommit ?? "";
  await fixture.stack.forge?.setCheck({
    ...{ repository: over.repository, commit: head, kind: "status", name: "ci/build", conclusion: "failure" },
  });
  await fixture.client.http.api(anyBody, "POST", `/api/runs/${over.id}/resume`, {});
  for await (const event of fixture.client.followEvents(over.id))
    if (event.type === "run.state_changed" && event.data.cause?.includes("CI failed on a commit") === true) break;
  expect((await fixture.client.run(over.id)).state).toBe("NEEDS_HUMAN");
  await fixture.client.cancel(over.id);
  const close = `/api/runs/${over.id}/pull-requests/${(await fixture.client.run(over.id)).repository.id}/close`;
  await fixture.client.http.api(anyBody, "POST", close, { deletesBranch: true });
  expect(await closeEnd(over.id), "somebody's commit is on the branch").toMatchObject({ outcome: "kept" });
  await asPerson("GET", `/repos/${over.repository}/git/ref/heads/${over.branch}`);
});

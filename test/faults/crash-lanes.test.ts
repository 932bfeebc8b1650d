import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { RunEvent } from "../../contracts/run-events.ts";
import type { Run } from "../../contracts/run.ts";
import { fold } from "../../domain/run/fold.ts";
import type { ForgeWrite } from "../../local/forge/types.ts";
import { sampleOwner, sampleRepositories } from "../../local/stack/sample-tickets.ts";
import { findLedgerBreak } from "../../local/stack/verify-ledger.ts";
import { startFixture, type Fixture } from "../stack-fixture.ts";
import { heldCommits } from "./held-commits.ts";
import { Killer } from "./soak/killer.ts";
import { checkAllRuns } from "./soak/verdict.ts";

/*
 * kill -9 of the Worker's processes in a run over three repositories: while its agent works, right after the last approval, and twice
 * between the writes of two repositories. The run resumes by itself each time, and every repository gets its commit, its branch and its
 * pull request once.
 */
const [library, report] = sampleRepositories.map(({ name }) => name);
const digest = "lime-digest";
const pullSchema = z.object({ body: z.string() });

let fixture: Fixture;
let killer: Killer;
let digestDir: string;
let repositoryIds: readonly string[];

beforeAll(async () => {
  fixture = await startFixture();
  killer = new Killer(fixture.stack, fixture.dataDir);
  digestDir = mkdtempSync(path.join(tmpdir(), "lime-digest-"));
  writeDigest(digestDir);
  const { id } = await fixture.importRepository(digest, { kind: "directory", path: digestDir });
  const project = await fixture.client.addRepositories(fixture.target.projectId, [id]);
  // The library comes last here, so that the order in the end can only come from the packages.
  repositoryIds = project.repositories.map((repository) => repository.id).toReversed();
});

afterAll(async () => {
  await killer?.stop();
  await fixture?.close();
  rmSync(digestDir, { recursive: true, force: true });
});

/** The files of a second consumer of the sample's library, with a test that passes. */
function writeDigest(dir: string): void {
  const dependencies = { [library ?? ""]: "^1.3.0" };
  const manifest = { name: digest, private: true, type: "module", scripts: { test: "node --test" }, dependencies };
  writeFileSync(path.join(dir, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(dir, "README.md"), "# Digest\n");
  mkdirSync(path.join(dir, "test"));
  writeFileSync(path.join(dir, "test/digest.test.js"), 'import { test } from "node:test";\ntest("adds", () => {});\n');
}

/** A run whose agent writes a note into each repository and then waits in a command for a moment. */
async function startNotes(): Promise<Run> {
  const names = [library, report, digest];
  const notes = names.map((name) => ({
    name: "write_file",
    input: { path: `${name}/notes/crash.md`, content: `# A note of ${name}\n` },
  }));
  const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };
  await fixture.script("crash-lanes", [
    { toolCalls: notes },
    { toolCalls: [{ name: "shell", input: { command: "sleep 3" } }] },
    { toolCalls: [{ name: "finish", input: { title: "Add notes", summary: "A note each.", outcome: "done" } }] },
  ]);
  await fixture.script("Diff to review", [{ toolCalls: [review] }]);
  const { model, projectId } = fixture.target;
  return fixture.client.startRun({
    projectId,
    model,
    repositoryIds: [...repositoryIds],
    mode: "implement",
    prompt: "crash-lanes",
  });
}

/** Watches the run behind what was seen, over lost connections, until an event is the one that is waited for. */
async function watch(run: Run, seen: RunEvent[], isDue: (event: RunEvent) => boolean): Promise<void> {
  const options = {
    since: seen.at(-1)?.seq ?? 0,
    signal: AbortSignal.timeout(60_000),
    onLost: () => undefined,
  };
  for await (const event of fixture.client.followEvents(run.id, options)) {
    seen.push(event);
    if (isDue(event)) return;
    expect(fold(seen).state, fold(seen).cause ?? "").not.toBe("NEEDS_HUMAN");
  }
  throw new Error(`the run went no further than ${JSON.stringify(seen.at(-1))}`);
}

async function approveAll(run: Run): Promise<void> {
  const waiting = (await fixture.client.patchSets(run.id)).filter(({ superseded }) => !superseded);
  expect(waiting).toHaveLength(3);
  for (const { baseCommit, hash } of waiting)
    await fixture.client.decide(run.id, hash, { decision: "approve", baseCommit });
}

/** Makes the forge do a repository's next write of this kind late, so that the Worker can be killed while it is under way. */
async function delayWrite(name: string | undefined, address: string): Promise<void> {
  const match = { method: "POST", path: `/repos/${sampleOwner}/${name ?? ""}${address}$` };
  const response = await fetch(`${fixture.stack.forge?.url ?? ""}/_forge/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ match, delayMs: 2_000, after: true, status: 502 }),
  });
  expect(response.status).toBe(201);
}

const toState = (state: string) => (event: RunEvent) => event.type === "run.state_changed" && event.data.to === state;
const toWrite = (kind: string, repositoryId: string | undefined) => (event: RunEvent) =>
  event.type === "write.started" && event.data.kind === kind && event.data.repositoryId === repositoryId;

/** Checks in the forge's own record that a repository was written to once. */
function checkWrites(all: readonly ForgeWrite[], name: string): void {
  const writes = all.filter(({ repository }) => repository === `${sampleOwner}/${name}`);
  const count = (pattern: RegExp): number => writes.filter((write) => pattern.test(write.path)).length;
  expect(heldCommits(writes), `commits of ${name}`).toHaveLength(1);
  expect(count(/\/git\/refs$/u), `branches of ${name}`).toBe(1);
  expect(count(/\/pulls$/u), `pull requests of ${name}`).toBe(1);
}

/** The links in the text of a repository's pull request at the forge, sorted. */
async function linksOf(run: Run, name: string): Promise<readonly string[]> {
  const number = run.repositories.find((lane) => lane.name === name)?.pullRequest?.number;
  const { forge } = fixture.stack;
  const response = await fetch(`${forge?.apiUrl ?? ""}/repos/${sampleOwner}/${name}/pulls/${number ?? ""}`, {
    headers: { authorization: `Bearer ${(await forge?.createUserToken("lime-dev")) ?? ""}` },
  });
  const { body } = pullSchema.parse(await response.json());
  return [...body.matchAll(/^- (\S+#\d+: .+)$/gmu)].map(([, link = ""]) => link).toSorted();
}

/** Checks that each pull request names the other two, with the order of merging. */
async function checkLinks(run: Run): Promise<void> {
  const link = (name: string | undefined, order: string): string => {
    const number = run.repositories.find((lane) => lane.name === name)?.pullRequest?.number;
    return `${sampleOwner}/${name ?? ""}#${number ?? "none"}: ${order}`;
  };
  const [first, behind, beside] = ["merge it first", "it waits for this one", "in any order"] as const;
  expect(await linksOf(run, library ?? "")).toEqual([link(digest, behind), link(report, behind)]);
  expect(await linksOf(run, report ?? "")).toEqual([link(digest, beside), link(library, first)]);
  expect(await linksOf(run, digest)).toEqual([link(report, beside), link(library, first)].toSorted());
}

test("a run over three repositories that is killed at its agent, its approvals and between its writes delivers each once", async () => {
  const { client, dataDir, stack } = fixture;
  const run = await startNotes();
  const seen: RunEvent[] = [];
  await watch(run, seen, (event) => event.type === "tool.started" && event.data.name === "shell");
  await killer.kill("group");

  await watch(run, seen, toState("WAITING_APPROVAL"));
  const [, second, third] = fold(seen).lanes;
  await delayWrite(second?.name, "/git/commits");
  await delayWrite(third?.name, "/pulls");
  await approveAll(run);
  await killer.kill("group");

  await watch(run, seen, toWrite("commit", second?.id));
  await killer.kill("group");

  await watch(run, seen, toWrite("pull_request", third?.id));
  await killer.kill("group");

  await watch(run, seen, toState("DONE"));
  const log = await client.events(run.id);
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  expect(seen).toEqual(log.slice(0, seen.length));
  const ended = await client.run(run.id);
  expect(ended.state).toBe("DONE");
  expect(fold(log).state).toBe("DONE");
  const writes = (stack.forge?.writes() ?? []).filter(({ method, status }) => method === "POST" && status < 300);
  for (const { name } of ended.repositories) checkWrites(writes, name);
  await checkLinks(ended);
  expect(findLedgerBreak(await client.ledger(run.id))).toBeUndefined();
  expect(killer.deaths.group).toBe(4);
  await expect
    .poll(async () => checkAllRuns(stack, dataDir), { timeout: 10_000 })
    .toEqual({ checked: 1, findings: [] });
});

import * as z from "zod";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Run } from "../../contracts/run.ts";
import { settle, startFixture, type Fixture } from "../stack-fixture.ts";

/*
 * Renames and transfers over the whole stack: a repository is the one with its id, whichever name it has.
 */
let fixture: Fixture;
const anyBody = z.unknown();
const owner = "lime-labs";

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(async () => {
  await fixture?.close();
});

const finish = { name: "finish", input: { title: "Add a note", summary: "A note.", outcome: "done" } };
const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };

async function begin(marker: string, target: Fixture["target"]): Promise<Run> {
  const note = { name: "write_file", input: { path: `notes/${marker}.md`, content: `# ${marker}\n` } };
  await fixture.script(`moved-${marker}`, [{ toolCalls: [note] }, { toolCalls: [finish] }]);
  await fixture.script("Diff to review", [{ toolCalls: [review] }]);
  return fixture.client.startRun({ ...target, mode: "implement", prompt: `moved-${marker}` });
}

async function approve(run: Run): Promise<Run> {
  const patchSet = (await fixture.client.patchSets(run.id))[0];
  if (patchSet === undefined) throw new Error("no patch set");
  await fixture.client.decide(run.id, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
  return fixture.client.waitFor(run.id, ["DONE", "NEEDS_HUMAN", "FAILED"], 90_000);
}

const forge = (): NonNullable<Fixture["stack"]["forge"]> => {
  if (fixture.stack.forge === undefined) throw new Error("no local forge");
  return fixture.stack.forge;
};
const written = (name: string): readonly string[] =>
  forge()
    .writes()
    .filter(({ repository }) => repository === `${owner}/${name}`)
    .map(({ method, path }) => `${method} ${path}`);

/** Another repository takes the name; its history begins differently. */
async function impostor(name: string): Promise<void> {
  await forge().importRepository({ owner, name, description: "another one" });
}

test("a run on a repository whose name another one took reads and writes the repository itself", async () => {
  const target = await fixture.project("REN", "first-name", { kind: "directory", path: "local/sample" });
  await forge().moveRepository({ owner, name: "first-name", newName: "second-name" });
  await impostor("first-name");
  const { run } = await settle(fixture.client, await begin("started-after", target));
  expect(run).toMatchObject({ state: "WAITING_APPROVAL" });
  const ended = await approve(run);
  expect(ended.pullRequest?.url).toContain(`${owner}/second-name/pull/`);
  expect(written("first-name")).toEqual([]);
  expect(written("second-name").some((write) => write.endsWith("/git/refs"))).toBe(true);
});

test("a rename while a run waits goes on, and the list shows the new name", async () => {
  const target = await fixture.project("WAI", "waits-here", { kind: "directory", path: "local/sample" });
  const { run } = await settle(fixture.client, await begin("waits", target));
  expect(run).toMatchObject({ state: "WAITING_APPROVAL" });
  await forge().moveRepository({ owner, name: "waits-here", newName: "went-there" });
  await impostor("waits-here");
  const ended = await approve(run);
  expect(ended.pullRequest?.url).toContain(`${owner}/went-there/pull/`);
  expect(written("waits-here")).toEqual([]);
  await expect
    .poll(async () => (await fixture.client.repositories()).map(({ name }) => name), { timeout: 15_000 })
    .toContain("went-there");
});

test("a repository that left the installation is refused with the way out, and a sync with access goes on", async () => {
  const target = await fixture.project("GON", "goes-away", { kind: "directory", path: "local/sample" });
  const { run } = await settle(fixture.client, await begin("goes", target));
  await forge().moveRepository({ owner, name: "goes-away", newOwner: "elsewhere" });
  await impostor("goes-away");
  const stopped = await approve(run);
  // The forge's event may come before the write or after it.
  const cause = expect.stringMatching(/sync the connector|can't see .* any more/u);
  expect(stopped).toMatchObject({ state: "NEEDS_HUMAN", cause });
  expect(written("goes-away")).toEqual([]);
  await forge().moveRepository({ owner: "elsewhere", name: "goes-away", newOwner: owner, newName: "came-back" });
  const connectors = z
    .object({ items: z.array(z.object({ id: z.string() })) })
    .parse(await fixture.client.http.api(anyBody, "GET", "/api/connectors"));
  await fixture.client.http.api(anyBody, "POST", `/api/connectors/${connectors.items[0]?.id ?? ""}/sync`, {});
  await fixture.client.http.api(anyBody, "POST", `/api/runs/${run.id}/resume`, {});
  const ended = await fixture.client.waitFor(run.id, ["DONE"], 90_000);
  expect(ended.pullRequest?.url).toContain(`${owner}/came-back/pull/`);
});

test("a person who can't see a repository any more reads and writes nothing there", async () => {
  const target = await fixture.project("SEE", "hidden-soon", { kind: "directory", path: "local/sample" });
  const { run: waiting } = await settle(fixture.client, await begin("hidden", target));
  expect(waiting).toMatchObject({ state: "WAITING_APPROVAL" });
  await forge().setReaders({ owner, name: "hidden-soon", logins: [] });
  const stopped = await approve(waiting);
  expect(stopped).toMatchObject({ state: "NEEDS_HUMAN", cause: expect.stringContaining("can't see") });
  const { run: refused } = await settle(fixture.client, await begin("hidden-again", target));
  expect(refused.cause).toContain("can't see lime-labs/hidden-soon");
  expect(written("hidden-soon")).toEqual([]);
  await forge().setReaders({ owner, name: "hidden-soon" });
  await fixture.client.http.api(anyBody, "POST", `/api/runs/${waiting.id}/resume`, {});
  expect(await fixture.client.waitFor(waiting.id, ["DONE"], 90_000)).toMatchObject({ state: "DONE" });
});

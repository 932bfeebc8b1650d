import * as z from "zod";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findLedgerBreak } from "../../local/stack/verify-ledger.ts";
import { ofType, settle, startFixture, type Fixture } from "../stack-fixture.ts";

/*
 * A repository that is stricter than most, over the whole stack: it has a branch `lime`, beside which git keeps no branch `lime/...`, and a
 * rule that its branches take signed commits alone.
 */
let fixture: Fixture;
const repository = "lime-labs/strict";
const commitSchema = z.object({
  message: z.string(),
  author: z.object({ name: z.string() }),
  committer: z.object({ name: z.string() }),
  verification: z.object({ verified: z.boolean(), reason: z.string() }),
});

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(async () => {
  await fixture?.close();
});

const forge = (): NonNullable<Fixture["stack"]["forge"]> => {
  if (fixture.stack.forge === undefined) throw new Error("no local forge");
  return fixture.stack.forge;
};

/** The forge's API as lime-dev uses it. */
async function asPerson(method: string, path: string, body?: object): Promise<unknown> {
  const token = await forge().createUserToken("lime-dev");
  const response = await fetch(`${forge().apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

async function approve(id: string): Promise<void> {
  const patchSet = (await fixture.client.patchSets(id)).find(({ superseded }) => !superseded);
  if (patchSet === undefined) throw new Error("no patch set");
  await fixture.client.decide(id, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
}

test("a run ends with a pull request from the other name, its commit signed and the person its co-author", async () => {
  const target = await fixture.project("STR", "strict", { kind: "directory", path: "local/sample" });
  const main = z
    .object({ object: z.object({ sha: z.string() }) })
    .parse(await asPerson("GET", `/repos/${repository}/git/ref/heads/main`));
  await asPerson("POST", `/repos/${repository}/git/refs`, { ref: "refs/heads/lime", sha: main.object.sha });
  forge().setRequiredSignatures({ repository, required: true });
  const note = { name: "write_file", input: { path: "notes/strict.md", content: "# Strict\n" } };
  const finish = { name: "finish", input: { title: "Add a note", summary: "A note.", outcome: "done" } };
  const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };
  await fixture.script("strict-note", [{ toolCalls: [note] }, { toolCalls: [finish] }]);
  await fixture.script("Diff to review", [{ toolCalls: [review] }]);
  const started = await fixture.client.startRun({ ...target, mode: "implement", prompt: "strict-note" });
  expect((await settle(fixture.client, started)).run.state).toBe("WAITING_APPROVAL");
  const me = z.object({ id: z.int(), name: z.string() }).parse(await asPerson("GET", "/user"));
  const email = `${me.id}+lime-dev@users.noreply.${new URL(forge().url).hostname}`;
  const [patchSet] = await fixture.client.patchSets(started.id);
  expect(patchSet?.coAuthors).toEqual([{ name: me.name, email }]);
  const approvedName = patchSet?.headBranch ?? "";
  expect(approvedName).toMatch(/^lime\/run-/u);
  await approve(started.id);

  const ended = await fixture.client.waitFor(started.id, ["DONE", "NEEDS_HUMAN", "FAILED"], 90_000);
  const branch = approvedName.replace("/", "-");
  expect(ended).toMatchObject({ state: "DONE", pullRequest: { branch, state: "open" } });
  const pull = z
    .object({ head: z.object({ ref: z.string(), sha: z.string() }) })
    .parse(await asPerson("GET", `/repos/${repository}/pulls/${ended.pullRequest?.number ?? 0}`));
  expect(pull.head).toEqual({ ref: branch, sha: ended.pullRequest?.commit });
  const commit = commitSchema.parse(await asPerson("GET", `/repos/${repository}/git/commits/${pull.head.sha}`));
  expect(commit.verification).toEqual({ verified: true, reason: "valid" });
  expect([commit.author.name, commit.committer.name]).toEqual(Array(2).fill("assembly-lime[bot]"));
  expect(commit.message).toBe(
    `Add a note\n\nPatch-Set: ${patchSet?.hash}\nApproved-By: ${me.name}\nCo-authored-by: ${me.name} <${email}>\n`,
  );
  // The forge shows the person's account for it, and their own address is nowhere.
  expect(commit.message).not.toContain("lime-dev@example.com");
  const events = await fixture.client.events(started.id);
  const written = ofType(events, "write.finished").filter(({ data }) => data.kind === "branch");
  expect(written.map(({ data }) => data.reference)).toEqual([branch]);
  const made = forge()
    .writes()
    .filter((write) => write.repository === repository && write.actor.startsWith("installation:"));
  expect(made.filter(({ path }) => path.endsWith("/git/refs"))).toHaveLength(1);
  expect(findLedgerBreak(await fixture.client.ledger(started.id))).toBeUndefined();
});

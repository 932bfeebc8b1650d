import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ofType, settle, type Fixture } from "../stack-fixture.ts";
import { shoot, shootPhone } from "./screens.ts";
import { openSession, pictureFailures, type Session } from "./session.ts";

/* A run ends and leaves something at the forge, which a person takes back from its page. */
let session: Session;
let fixture: Fixture;
let page: Page;
let folder: string;

beforeAll(async () => {
  session = await openSession();
  ({ fixture, page } = session);
  folder = mkdtempSync(path.join(tmpdir(), "lime-leftovers-"));
  writeFileSync(path.join(folder, "README.md"), "# Words\n");
});

afterAll(async () => {
  await session?.close();
  rmSync(folder, { recursive: true, force: true });
});

pictureFailures(() => session);

const outcome = () => page.getByRole("region", { name: "How it stands" });

/** Lets the forge refuse the next requests of this method and path, `times` times. */
async function refuseAtForge(method: string, pattern: string, times: number): Promise<void> {
  const response = await fetch(`${fixture.stack.forge?.url ?? ""}/_forge/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ match: { method, path: pattern }, times, status: 403 }),
  });
  expect(response.status).toBe(201);
}

/** A run whose approved branch was written and whose pull request the forge refuses; it is cancelled then. */
async function cancelledRun(): Promise<string> {
  const target = await fixture.project("WORDS", "words", { kind: "directory", path: folder });
  await fixture.script("leftover-words", [
    { toolCalls: [{ name: "write_file", input: { path: "README.md", content: "# Words\n\nMore.\n" } }] },
    { toolCalls: [{ name: "finish", input: { title: "More words", summary: "A line.", outcome: "done" } }] },
  ]);
  const verdict = { verdict: "approve", summary: "Fine.", findings: [] };
  await fixture.script("Diff to review", [{ toolCalls: [{ name: "submit_review", input: verdict }] }]);
  const { id } = await fixture.client.startRun({ ...target, mode: "implement", prompt: "leftover-words" });
  await fixture.client.waitFor(id, ["WAITING_APPROVAL"], 60_000);
  await refuseAtForge("POST", "/pulls$", 1);
  const [patchSet] = await fixture.client.patchSets(id);
  if (patchSet === undefined) throw new Error("no patch set");
  await fixture.client.decide(id, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
  await fixture.client.waitFor(id, ["NEEDS_HUMAN"], 60_000);
  await fixture.client.cancel(id);
  await fixture.client.waitFor(id, ["CANCELLED"], 60_000);
  return id;
}

test("the branch that a cancelled run left without a pull request is deleted from its page, once", async () => {
  const id = await cancelledRun();
  const branches = async () => fixture.stack.forge?.writes().filter(({ method }) => method === "DELETE").length;
  await page.goto(`/runs/${id}`);
  await outcome().getByText("without a pull request. Delete it on the run's page").waitFor();
  await shoot(page, "run-left-branch");
  await shootPhone(page, "run-left-branch");
  await outcome().getByRole("button", { name: "Delete the branch" }).click();
  await page.getByRole("dialog", { name: "Delete the branch?" }).waitFor();
  await shoot(page, "run-left-branch-ask");
  await page.getByRole("button", { name: "Leave it" }).click();
  expect(await branches()).toBe(0);
  await outcome().getByRole("button", { name: "Delete the branch" }).click();
  await page.getByRole("button", { name: "Delete it" }).click();
  await outcome()
    .getByText(/deleted branch lime\/run-.* of lime-labs\/words\./)
    .waitFor();
  await shoot(page, "run-left-branch-deleted");
  expect(await outcome().getByRole("button", { name: "Delete the branch" }).count()).toBe(0);
  expect(await branches()).toBe(1);
  const { events } = await settle(fixture.client, await fixture.client.run(id));
  expect(ofType(events, "branch.delete_ended").map(({ data }) => data.outcome)).toEqual(["deleted"]);
  await page.reload();
  await outcome()
    .getByText(/deleted branch lime\/run-/)
    .waitFor();
});

import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Me } from "../../contracts/project.ts";
import type { Role } from "../../contracts/roles.ts";
import { ofType, settle, type Fixture } from "../stack-fixture.ts";
import { makeSpellingRepository } from "../spelling-repository.ts";
import { shoot, shootPhone } from "./screens.ts";
import { openSession, pictureFailures, type Session } from "./session.ts";

/*
 * A repository is added to a project, and one run changes it together with another. Its CI turns red, so the coder repairs it, while the
 * other repository stays done. One step after the other on one stack.
 */
let session: Session;
let fixture: Fixture;
let page: Page;
let repository: ReturnType<typeof makeSpellingRepository>;
let runId: string;

beforeAll(async () => {
  session = await openSession();
  ({ fixture, page } = session);
  repository = makeSpellingRepository();
  await fixture.project("WORDS", "words", { kind: "directory", path: repository.dir });
});

afterAll(async () => {
  await session?.close();
  repository?.remove();
});

pictureFailures(() => session);

const state = (): Locator => page.locator("main header").getByRole("status").first();
const lanes = (): Locator => page.getByRole("region", { name: "Repositories" });
const row = (name: string): Locator => lanes().getByRole("listitem").filter({ hasText: name });
const card = (): Locator => page.getByRole("region", { name: "Approval" });

async function approveAll(): Promise<void> {
  for (const patchSet of await fixture.client.patchSets(runId))
    if (!patchSet.superseded && patchSet.approval === null)
      await fixture.client.decide(runId, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
}

/** Shows the page as to a person with this role. */
async function viewAs(role: Role | null): Promise<void> {
  await page.unroute("**/api/me");
  if (role !== null)
    await page.route("**/api/me", async (route) => {
      const response = await route.fetch();
      const me = (await response.json()) as Me;
      await route.fulfill({ response, json: { ...me, tenants: me.tenants.map((tenant) => ({ ...tenant, role })) } });
    });
  await page.reload();
}

test("a repository that the connector sees is added to the project, and stays after a reload", async () => {
  await page.goto("/settings");
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Repositories" }).click();
  const delivery = page.getByRole("region", { name: /^Delivery of/ }).first();
  await delivery.getByRole("button", { name: "Add repositories" }).click();
  const dialog = page.getByRole("dialog", { name: /^Add repositories to/ });
  const add = dialog.getByRole("button", { name: "Add" });
  await dialog.getByRole("checkbox", { name: /words/ }).focus();
  expect(await add.isDisabled()).toBe(true);
  await page.keyboard.press("Space");
  await shoot(page, "settings-add-repository");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await delivery.getByLabel("Test command of lime-labs/words").waitFor();
  await page.reload();
  await delivery.getByLabel("Test command of lime-labs/words").waitFor();
});

test("red CI of one repository is shown at its lane, and the coder repairs that one", async () => {
  const project = (await fixture.client.projects()).find(({ id }) => id === fixture.target.projectId);
  const repositoryIds = (project?.repositories ?? [])
    .filter(({ name }) => name === "words" || name === "lime-units")
    .map(({ id }) => id);
  expect(repositoryIds).toHaveLength(2);
  const write = (file: string, content: string): { name: string; input: unknown } => ({
    name: "write_file",
    input: { path: file, content },
  });
  const finish = { name: "finish", input: { title: "Explain the words", summary: "A line each.", outcome: "done" } };
  const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };
  await fixture.script("explain-the-words", [
    { toolCalls: [write("words/README.md", "# Words\n\nteh words\n"), write("lime-units/NOTES.md", "See words.\n")] },
    { toolCalls: [finish] },
    { toolCalls: [write("words/README.md", "# Words\n\nthe words\n")] },
    { toolCalls: [finish] },
  ]);
  await fixture.script("Diff to review", [{ toolCalls: [review] }]);
  const { model, projectId } = fixture.target;
  const start = { projectId, repositoryIds, model, mode: "implement" as const, prompt: "explain-the-words" };
  const started = await fixture.client.startRun(start);
  runId = started.id;
  await page.goto(`/runs/${runId}`);
  expect((await settle(fixture.client, started)).run.state).toBe("WAITING_APPROVAL");
  await approveAll();
  await row("words").getByRole("img", { name: "CI failed" }).waitFor({ timeout: 60_000 });
  await row("lime-units").getByRole("img", { name: "CI passed" }).waitFor();
  await expect.poll(() => state().textContent(), { timeout: 60_000 }).toMatch(/Waiting for approval/);
  await row("lime-units").getByRole("button").first().click();
  const written = card().getByRole("list", { name: "Writing" });
  await written.getByText("Pull request", { exact: true }).waitFor();
  await row("words").getByRole("button").first().click();
  await card().getByText("Patch set 2").waitFor();
  await card()
    .getByText(/pull requests that are open stay open/)
    .waitFor();
  expect(await card().getByText("G5").count(), "CI of version 1 proves nothing about version 2").toBe(0);
  await shoot(page, "lane-red");
  await shootPhone(page, "lane-red");
});

test.each(["99999", "abc"])("an address without a run, %s, says so and leads to the runs", async (number) => {
  await page.goto(`/runs/${number}`);
  await page.getByRole("heading", { name: "There is no such run" }).waitFor();
  await shoot(page, "run-missing");
  await page.getByRole("link", { name: "Go to the runs" }).click();
  await page
    .getByRole("link", { name: /explain-the-words/ })
    .first()
    .waitFor();
  await page.goto(`/runs/${runId}`);
});

test("a person who may only look sees the lanes, and neither a choice nor a decision", async () => {
  await viewAs("viewer");
  await row("words").waitFor();
  expect(await lanes().getByRole("button", { name: "Change" }).count()).toBe(0);
  expect(await card().getByRole("button", { name: "Approve" }).count()).toBe(0);
  await shoot(page, "lane-red-viewer");
  await page.goto("/settings");
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Repositories" }).click();
  const delivery = page.getByRole("region", { name: /^Delivery of/ }).first();
  await delivery.waitFor();
  expect(await delivery.getByRole("button", { name: "Add repositories" }).count()).toBe(0);
  await shoot(page, "settings-repositories-viewer");
  await viewAs(null);
});

test("the approved repair goes onto the same pull request, and the run is done", async () => {
  await page.goto(`/runs/${runId}`);
  await row("words").getByRole("button").first().click();
  await card().getByRole("button", { name: "Approve" }).click();
  await expect.poll(() => state().textContent(), { timeout: 90_000 }).toMatch(/^Done$/);
  await lanes().getByText("2 of 2 pull requests open, 2 with green CI").waitFor();
  const opened = ofType(await fixture.client.events(runId), "pull_request.opened");
  expect(new Set(opened.map(({ data }) => data.url)).size, "the repair has no pull request of its own").toBe(2);
  await page.reload();
  await lanes().getByText("2 of 2 pull requests open, 2 with green CI").waitFor();
  await shoot(page, "lane-repaired");
  expect(session.complaints).toEqual([]);
});

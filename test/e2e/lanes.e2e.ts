import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectDeliverySchema } from "../../contracts/delivery.ts";
import { bothRepositoriesTitle } from "../../local/stack/sample-tickets.ts";
import type { Fixture } from "../stack-fixture.ts";
import { shoot, shootPhone } from "./screens.ts";
import { openSession, pictureFailures, type Session } from "./session.ts";

/* One run over a library and its consumer, as a person meets it in a real browser: one step after the other on one stack. */
let session: Session;
let fixture: Fixture;
let page: Page;

beforeAll(async () => {
  session = await openSession();
  ({ fixture, page } = session);
});

afterAll(() => session?.close());

pictureFailures(() => session);

const state = (): Locator => page.locator("main header").getByRole("status").first();
const lanes = (): Locator => page.getByRole("region", { name: "Repositories" });
const lane = (name: string): Locator => lanes().getByRole("button", { name: new RegExp(`^\\d ${name}`) });
const card = (): Locator => page.getByRole("region", { name: "Approval" });
const runId = (): string => new URL(page.url()).pathname.split("/").at(-1) ?? "";

/** The write requests of the run's own installation to the forge. */
function writes(): readonly string[] {
  return (fixture.stack.forge?.writes() ?? [])
    .filter(({ actor, method }) => actor.startsWith("installation:") && method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);
}

/** Pictures of the approval's tab at the width of a phone, which has it beside the transcript's. */
async function shootApproval(name: string): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("tab", { name: "Approval" }).click();
  await shoot(page, `${name}-phone`);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("tab", { name: "Approval" }).waitFor({ state: "detached" });
}

/** Scrolls the transcript from its end up until it shows this text: rows far from what is seen are not in the page. */
async function seek(text: RegExp | string): Promise<void> {
  const log = page.getByRole("log", { name: "What happened" });
  await log.hover();
  await page.mouse.wheel(0, 100_000);
  await expect
    .poll(
      async () => {
        if ((await log.getByText(text).count()) > 0) return true;
        await page.mouse.wheel(0, -250);
        return false;
      },
      { timeout: 20_000 },
    )
    .toBe(true);
}

describe("a run over two repositories", () => {
  test("is started from the ticket that needs both", async () => {
    const tickets = fixture.stack.seeded?.tickets ?? [];
    const story = tickets.find(({ title }) => title === bothRepositoriesTitle);
    expect(story).toBeDefined();
    await page.goto(`/?ticket=${story?.id ?? ""}&mode=implement`);
    await page.getByRole("button", { name: "Repository: lime-labs/lime-units" }).click();
    await page.getByRole("menuitemcheckbox", { name: /lime-report/ }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Repository: lime-units and 1 more" }).waitFor();
    await page.getByRole("button", { name: "Run agent" }).click();
    await page.waitForURL(/\/runs\/\d+/);
    await lanes().waitFor();
    await lanes().getByRole("button", { name: "Change" }).waitFor();
  });

  test("shows a lane for each, in the order in which they are merged, and says why", async () => {
    await expect.poll(() => state().textContent(), { timeout: 90_000 }).toMatch(/Waiting for approval/);
    await expect
      .poll(async () => (await lanes().getByRole("listitem").allTextContents()).map((text) => text.slice(0, 11)))
      .toEqual(["1lime-units", "2lime-repor"]);
    await lanes().getByText("0 of 2 approved (all or none), nothing is written yet").waitFor();
    await card().getByText("before lime-report", { exact: true }).waitFor();
    await lane("lime-report").click();
    await card().getByText("after lime-units", { exact: true }).waitFor();
    await seek(/lime-report: Patch set 1 proposed/);
    await seek("Order of the pull requests:");
    await shoot(page, "lanes-waiting");
    await shootApproval("lanes-waiting");
    await page.getByRole("tab", { name: "Versions" }).click();
    await page.getByRole("table", { name: "Versions" }).getByText("lime-units").first().waitFor();
    await shoot(page, "lanes-versions");
    await page.getByRole("tab", { name: "Changes" }).click();
  });

  test("says what another choice does before it is sent, and offers none without a repository", async () => {
    await lanes().getByRole("button", { name: "Change" }).click();
    const dialog = page.getByRole("dialog", { name: "Repositories of this run" });
    await dialog.getByRole("checkbox", { name: /lime-report/ }).uncheck();
    await dialog.getByText(/The proposal of a repository that is left out is withdrawn/).waitFor();
    await shoot(page, "lanes-change");
    await dialog.getByRole("checkbox", { name: /lime-units/ }).uncheck();
    await dialog.getByText("A run needs at least one repository.").waitFor();
    expect(await dialog.getByRole("button", { name: "Use these" }).isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
  });

  test("still waits after one approval, and nothing is written", async () => {
    await lane("lime-units").click();
    await card()
      .getByText(/Nothing is written before lime-report is decided too/)
      .waitFor();
    await card().getByRole("button", { name: "Approve" }).click();
    await lanes().getByText("1 of 2 approved (all or none), nothing is written yet").waitFor();
    await card().getByText("Nothing is written before lime-report is decided too.").waitFor();
    await shoot(page, "lanes-half");
    const run = await fixture.client.run(runId());
    expect(run.state).toBe("WAITING_APPROVAL");
    expect(run.repositories.map(({ name, status }) => `${name} ${status}`).toSorted()).toEqual([
      "lime-report waiting",
      "lime-units approved",
    ]);
    expect(writes()).toEqual([]);
  });

  test("writes both after the second approval: two pull requests, linked, with green CI", async () => {
    await lane("lime-report").click();
    await card()
      .getByText(/This is the last decision/)
      .waitFor();
    await card().getByRole("button", { name: "Approve" }).click();
    await expect.poll(() => state().textContent(), { timeout: 90_000 }).toMatch(/^Done$/);
    await lanes().getByText("2 of 2 pull requests open, 2 with green CI").waitFor();
    expect(await lanes().getByRole("img", { name: "CI passed" }).count()).toBe(2);
    const pulls = page.getByRole("region", { name: "How it stands" }).getByRole("list", { name: "Pull requests" });
    expect(await pulls.getByRole("link").allTextContents()).toEqual([
      expect.stringMatching(/^lime-units #\d+$/),
      expect.stringMatching(/^lime-report #\d+$/),
    ]);
    const steps = page.getByRole("list", { name: "Writing" });
    for (const step of ["Commit", "Branch", "Pull request", "Links to the others"])
      await steps.getByText(step, { exact: true }).waitFor();
    expect(writes().filter((write) => /^POST .*\/pulls$/.test(write))).toHaveLength(2);
    expect(await lanes().getByRole("button", { name: "Change" }).count()).toBe(0);
    await shoot(page, "lanes-done");
    await shootApproval("lanes-done");
    expect(session.complaints).toEqual([]);
  });
});

describe("a project's repositories in the settings", () => {
  test("are delivered each by itself, tested by a command and ordered, and stay so over a reload", async () => {
    await page.goto("/settings");
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Repositories" }).click();
    const delivery = page.getByRole("region", { name: /^Delivery of/ }).first();
    const save = delivery.getByRole("button", { name: "Save" });
    await delivery.getByRole("radio", { name: /All or none/ }).waitFor();
    expect(await save.isDisabled()).toBe(true);
    await delivery.getByRole("radio", { name: /Each by itself/ }).check();
    await delivery.getByLabel("Test command of lime-labs/lime-report").fill("npm test");
    const after = (name: string, other: string): Locator =>
      delivery.getByRole("checkbox", { name: `lime-labs/${name} is written after lime-labs/${other}` });
    await after("lime-report", "lime-units").check();
    await after("lime-units", "lime-report").check();
    await delivery.getByText(/depend on each other: a run over them stops/).waitFor();
    await shoot(page, "settings-repositories");
    await shootPhone(page, "settings-repositories");
    await after("lime-units", "lime-report").uncheck();
    await save.click();
    await delivery.getByText("Saved", { exact: true }).waitFor();
    await page.reload();
    await delivery.getByRole("radio", { name: /Each by itself/ }).waitFor();
    expect(await delivery.getByRole("radio", { name: /Each by itself/ }).isChecked()).toBe(true);
    expect(await delivery.getByLabel("Test command of lime-labs/lime-report").inputValue()).toBe("npm test");
    expect(await after("lime-report", "lime-units").isChecked()).toBe(true);
    expect(await after("lime-units", "lime-report").isChecked()).toBe(false);
    await delivery.getByRole("button", { name: "Add repositories" }).click();
    await page.getByText("The project has every repository of this tenant that you see.").waitFor();
    expect(session.complaints).toEqual([]);
  });
});

describe("repositories that depend on each other", () => {
  test("stop the run with the reasons until a person orders them", async () => {
    const story = fixture.stack.seeded?.tickets.find(({ title }) => title === bothRepositoriesTitle);
    const { model, projectId } = fixture.target;
    const project = (await fixture.client.projects()).find(({ id }) => id === projectId);
    const repositoryIds = (project?.repositories ?? []).map(({ id }) => id);
    const delivery = await fixture.client.http.api(
      projectDeliverySchema,
      "GET",
      `/api/projects/${projectId ?? ""}/delivery`,
    );
    const [units, report] = repositoryIds;
    const repositories = delivery.repositories.map((each) =>
      each.repositoryId === units ? { ...each, dependsOn: [report] } : each,
    );
    await fixture.client.http.api(projectDeliverySchema, "PUT", `/api/projects/${projectId ?? ""}/delivery`, {
      delivery: "lane_by_lane",
      repositories,
    });
    const run = await fixture.client.startRun({
      projectId,
      repositoryIds,
      model,
      mode: "implement",
      prompt: `${story?.title ?? ""}\n\n${story?.description ?? ""}`,
    });
    await page.goto(`/runs/${run.id}`);
    const ask = page.getByRole("region", { name: "Order of the repositories" });
    await ask.waitFor({ timeout: 90_000 });
    await ask.getByText(/depend on each other, so a person says/).waitFor();
    await ask.getByRole("button", { name: "Move lime-units up" }).waitFor();
    expect(await page.getByRole("button", { name: "Resume", exact: true }).count()).toBe(0);
    await shoot(page, "lanes-order");
    await shootApproval("lanes-order");
    await ask.getByRole("button", { name: "Move lime-report up" }).click();
    await ask.getByRole("button", { name: "Use this order and resume" }).click();
    await expect.poll(() => state().textContent(), { timeout: 90_000 }).toMatch(/Waiting for approval/);
    expect((await lanes().getByRole("listitem").allTextContents()).map((text) => text.slice(0, 11))).toEqual([
      "1lime-repor",
      "2lime-units",
    ]);
    await lanes().getByText("0 of 2 approved (each by itself), nothing is written yet").waitFor();
    expect(session.complaints).toEqual([]);
  });

  test("are left out from the approval's view: the patch set goes along, the other is proposed again", async () => {
    await lanes().getByRole("button", { name: "Change" }).click();
    const dialog = page.getByRole("dialog", { name: "Repositories of this run" });
    await dialog.getByRole("checkbox", { name: /lime-report/ }).uncheck();
    await dialog.getByRole("textbox").fill("The report is changed by hand.");
    await dialog.getByRole("button", { name: "Use these" }).click();
    await dialog.waitFor({ state: "detached" });
    await lanes().getByText("1 of 2 repositories").waitFor();
    await lanes()
      .getByText(/0 of 1 approved/)
      .waitFor({ timeout: 60_000 });
    await expect.poll(() => state().textContent(), { timeout: 60_000 }).toMatch(/Waiting for approval/);
    await card().getByText("Patch set 2").waitFor();
    expect(await card().getByText("Merged", { exact: true }).count()).toBe(0);
    await seek(/The report is changed by hand/);
    await shoot(page, "lanes-left-out");
    expect(session.complaints).toEqual([]);
  });
});

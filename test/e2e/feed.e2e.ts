import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Run } from "../../contracts/run.ts";
import { openSession, pictureFailures, type Session } from "./session.ts";

/* Lists that follow the tenant's feed, in a real browser: runs that others start, projects, budgets, and no page that polls. */
let session: Session;
let page: Page;
let run: Run;

beforeAll(async () => {
  session = await openSession();
  ({ page } = session);
  await page.goto("/");
});

afterAll(() => session?.close());

pictureFailures(() => session);

test("a run that another client starts comes into the list, moves with its state, and is counted where a person waits", async () => {
  const { client, target } = session.fixture;
  await page.getByText("Your runs will be listed here").waitFor();
  await session.fixture.script("feed-notes", [
    { toolCalls: [{ name: "write_file", input: { path: "notes.md", content: "# Notes\n" } }] },
    { toolCalls: [{ name: "finish", input: { title: "Add notes", summary: "Adds notes.", outcome: "done" } }] },
    { toolCalls: [{ name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } }] },
  ]);
  run = await client.startRun({ ...target, mode: "implement", prompt: "feed-notes" });
  await page.getByRole("region", { name: "Running now" }).getByText(run.title).waitFor();
  await page.getByRole("region", { name: "Waiting for a person" }).getByText(run.title).waitFor({ timeout: 60_000 });
  await page.getByTitle("1 waiting for a person").waitFor();
});

test("pages ask for nothing while nothing changes, and have two sockets at most", async () => {
  const asked: string[] = [];
  const sockets = new Map<string, number>();
  const opened = ["/", "/runs", "/settings/budgets", `/runs/${run.id}`].map(async (address) => {
    const tab = await page.context().newPage();
    tab.on("websocket", () => sockets.set(address, (sockets.get(address) ?? 0) + 1));
    await tab.goto(address);
    await tab.locator("main").getByRole("heading").first().waitFor();
    await tab.waitForLoadState("networkidle");
    return { address, tab };
  });
  const tabs = await Promise.all(opened);
  // A page that was just opened loads its lists once more.
  await page.waitForTimeout(2_500);
  for (const { address, tab } of tabs) tab.on("request", (request) => asked.push(`${address}: ${request.url()}`));
  await page.waitForTimeout(12_000);
  expect(asked).toEqual([]);
  expect(Object.fromEntries(sockets)).toEqual({
    "/": 1,
    "/runs": 1,
    "/settings/budgets": 1,
    [`/runs/${run.id}`]: 2,
  });
  for (const { tab } of tabs) await tab.close();
});

test("a project that is made and renamed elsewhere is in the sidebar, and changes of the time without a network follow", async () => {
  const { client } = session.fixture;
  await page.goto("/");
  const sidebar = page.getByRole("navigation").first();
  const made = await client.createProject({ key: "FEED", name: "Made elsewhere", description: "", repositoryIds: [] });
  await sidebar.getByText("Made elsewhere").waitFor();
  await page.context().setOffline(true);
  await client.renameProject(made.id, "Renamed elsewhere");
  await page.context().setOffline(false);
  await sidebar.getByText("Renamed elsewhere").waitFor();
  expect(session.complaints).toEqual([]);
});

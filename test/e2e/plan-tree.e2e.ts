import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ticket } from "../../contracts/project.ts";
import { openBoardSession, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures } from "./session.ts";

/* A plan from its prompt to its tickets: changed as a tree by two people, partly chosen, approved, and found on the board. */
let session: BoardSession;
let runId: string;
let otherId: string;

const prompt = [
  "Keep notes with the units.",
  "",
  "1. Add a notes file",
  "   - one note a line",
  "2. Show the notes in the README",
  "3. Fix the rounding of notes",
].join("\n");

async function waitingPlan(): Promise<string> {
  const { client, projectId, stack } = session;
  const repositoryId = stack.seeded?.repository.id ?? "";
  const [model] = (await client.models()).filter(({ available }) => available);
  const run = await client.startRun({ projectId, repositoryId, mode: "plan", prompt, model: model?.id ?? "" });
  await client.waitFor(run.id, ["WAITING_APPROVAL"], 60_000);
  return run.id;
}

beforeAll(async () => {
  session = await openBoardSession();
  session.join("dev");
  runId = await waitingPlan();
  otherId = await waitingPlan();
});

afterAll(() => session?.close());

pictureFailures(() => session?.mine);

const page = (): Page => session.mine.page;
const tree = (on = page()): Locator => on.getByRole("tree", { name: "Items of the plan", exact: true });
const line = (title: string, on = page()): Locator => tree(on).getByRole("treeitem", { name: title, exact: true });
const focused = (): Promise<string | null> =>
  page().evaluate("document.activeElement?.getAttribute('aria-label')") as Promise<string | null>;

test("shows the plan as a tree that the keyboard walks, folds and edits", async () => {
  await page().goto(`/runs/${runId}`);
  await page().getByRole("button", { name: "Create 13 tickets" }).waitFor();
  expect(await tree().getByRole("treeitem").count()).toBe(13);
  await shoot(page(), "plan-tree");
  await line("Epic: Keep notes with the units").focus();
  await page().keyboard.press("ArrowDown");
  expect(await focused()).toBe("Story: Add a notes file");
  await page().keyboard.press("ArrowLeft");
  expect(await line("Story: Add a notes file").getAttribute("aria-expanded")).toBe("false");
  expect(await tree().getByRole("treeitem").count()).toBe(10);
  await page().keyboard.press("ArrowRight");
  await page().keyboard.press("Enter");
  await page().getByRole("textbox", { name: "Title" }).fill("Add a file of notes");
  await page().keyboard.press("Enter");
  await line("Story: Add a file of notes").waitFor();
  await expect.poll(focused).toBe("Story: Add a file of notes");
});

test("leaves out a story with its parts by Space, and takes a removal back", async () => {
  await line("Story: Show the notes in the README").focus();
  await page().keyboard.press("Space");
  await page().getByRole("button", { name: "Create 9 of 13 tickets" }).waitFor();
  await line("Task: Document: Add a notes file").focus();
  await page().keyboard.press("Delete");
  await page().getByText("Removed “Document: Add a notes file”.").waitFor();
  await page().getByRole("button", { name: "Create 8 of 12 tickets" }).waitFor();
  await page().getByRole("status").getByRole("button", { name: "Undo" }).click();
  await page().getByRole("button", { name: "Create 9 of 13 tickets" }).waitFor();
});

test("changes an item's facts, and waits for another item by a few typed letters", async () => {
  await line("Task: Test: Fix the rounding of notes").focus();
  await page().keyboard.press("e");
  await page().getByRole("textbox", { name: "Description" }).fill("Cover half a unit.");
  await page()
    .getByRole("button", { name: /^Priority/ })
    .click();
  await page().getByRole("menuitemradio", { name: "High" }).click();
  const field = page().getByRole("combobox", { name: "Waits for" });
  await field.fill("document: add");
  await page().getByRole("option", { name: "Document: Add a notes file" }).waitFor();
  await page().keyboard.press("Enter");
  await page().getByRole("button", { name: "No longer wait for Document: Add a notes file" }).waitFor();
  await shoot(page(), "plan-details");
  await page().getByRole("tab", { name: "Graph" }).click();
  await page().getByRole("region", { name: "Graph of dependencies" }).waitFor();
  await shoot(page(), "plan-graph");
  await page().getByRole("tab", { name: "Tree" }).click();
});

test("keeps what was not saved over a reload", async () => {
  await page().reload();
  await page().getByRole("button", { name: "Create 9 of 13 tickets" }).waitFor();
  await line("Story: Add a file of notes").waitFor();
  await page().getByText("Your changes are on this page alone").waitFor();
});

test("lets the second of two people choose, with all that they typed kept", async () => {
  const theirs = session.theirs.page;
  await theirs.goto(`/runs/${runId}`);
  await line("Story: Add a notes file", theirs).focus();
  await theirs.keyboard.press("Enter");
  await theirs.getByRole("textbox", { name: "Title" }).fill("Theirs");
  await theirs.keyboard.press("Enter");
  await theirs.getByRole("button", { name: "Save changes" }).click();
  const alert = page().getByRole("alert").filter({ hasText: "changed the plan while you worked on it" });
  await alert.waitFor();
  await line("Story: Add a file of notes").waitFor();
  expect(await page().getByRole("button", { name: "Create 9 of 13 tickets" }).isDisabled()).toBe(true);
  await alert.getByRole("button", { name: "Look at the newer plan" }).click();
  await alert.getByRole("treeitem", { name: "Story: Theirs" }).waitFor();
  await shoot(page(), "plan-two-people");
  await alert.getByRole("button", { name: "Use mine in its place" }).click();
  await alert.waitFor({ state: "detached" });
  await page().getByRole("tab", { name: "The agent’s version" }).click();
  await page().getByRole("treeitem", { name: "Story: Add a notes file" }).waitFor();
  await page().getByRole("tab", { name: "Tree", exact: true }).click();
  await shootPhone(page(), "plan-tree");
});

test("creates exactly the chosen items as they were changed, with parents, and shows them after a reload", async () => {
  await page().getByRole("button", { name: "Create 9 of 13 tickets" }).click();
  const made = page().getByRole("list", { name: "Created tickets" });
  await made.getByRole("link", { name: /Add a file of notes/ }).waitFor();
  await shoot(page(), "plan-created");
  await page().reload();
  await made.getByRole("link", { name: /Add a file of notes/ }).waitFor();
  expect(await made.getByRole("link").count()).toBe(9);
  const { tickets } = await session.client.board(session.projectId);
  const find = (title: string): Ticket | undefined => tickets.find((ticket) => ticket.title === title);
  expect(tickets).toHaveLength(9);
  expect(find("Add a file of notes")).toMatchObject({
    type: "story",
    parentId: find("Keep notes with the units")?.id,
    labels: ["role:pm"],
  });
  expect(find("Document: Add a notes file")?.parentId).toBe(find("Add a file of notes")?.id);
  expect(find("Test: Fix the rounding of notes")).toMatchObject({
    parentId: find("Fix the rounding of notes")?.id,
    description: "Cover half a unit.",
    priority: "high",
    dependsOn: expect.arrayContaining([find("Document: Add a notes file")?.id]),
  });
  expect(tickets.some(({ title }) => title.includes("README"))).toBe(false);
  await made.getByRole("link", { name: /Add a file of notes/ }).click();
  await page().waitForURL(/\/board\?.*ticket=/u);
  expect(session.mine.complaints).toEqual([]);
});

test("a person who may not approve reads the plan, and changes nothing", async () => {
  session.join("viewer");
  const theirs = session.theirs.page;
  await theirs.goto(`/runs/${otherId}`);
  await line("Story: Add a notes file", theirs).focus();
  await theirs.keyboard.press("Enter");
  await theirs.keyboard.press("Delete");
  expect(await theirs.getByRole("textbox", { name: "Title" }).count()).toBe(0);
  expect(await tree(theirs).getByRole("treeitem").count()).toBe(13);
  expect(await theirs.getByRole("button", { name: /^Create/ }).count()).toBe(0);
  await theirs.getByText("This needs the role dev or above; yours is viewer.").first().waitFor();
});

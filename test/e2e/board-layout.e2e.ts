import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { centre, lane, openBoardSession, said, take, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures } from "./session.ts";

/* A project's boards and columns, changed by keyboard in one browser and seen in another. */
let session: BoardSession;

beforeAll(async () => {
  session = await openBoardSession();
  await session.make("First", "todo");
  await session.make("Second", "todo");
  await session.openBoard(session.mine.page);
  await session.openBoard(session.theirs.page);
});

afterAll(() => session?.close());

pictureFailures(() => session?.mine);

const mine = () => session.mine.page;
const theirs = () => session.theirs.page;
const focused = () => mine().evaluate("document.activeElement.getAttribute('aria-label')");

/** Opens a menu by keyboard and chooses one of its entries. */
async function choose(menu: string, entry: string | RegExp): Promise<void> {
  await mine().getByRole("button", { name: menu }).focus();
  await mine().keyboard.press("Enter");
  const item = mine().getByRole("menuitem", { name: entry });
  await item.focus();
  await mine().keyboard.press("Enter");
}

test("a column gets another name and a limit by keyboard, which everybody sees, and focus goes back to its menu", async () => {
  await choose("Column Todo: menu", "Rename, limit…");
  const dialog = mine().getByRole("dialog");
  await mine().keyboard.press("Control+a");
  await mine().keyboard.press("Backspace");
  expect(await dialog.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
  await mine().keyboard.type("Ready");
  await dialog.getByLabel(/Most tickets at once/).fill("1");
  await mine().keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  await expect.poll(focused).toBe("Column Ready: menu");
  for (const page of [mine(), theirs()])
    await expect.poll(() => lane(page, "todo").locator("h2").textContent()).toBe("Ready2 / 1");
  await shoot(mine(), "board-limit");
});

test("a column with tickets says why it stays; an empty one goes, and comes back by undo", async () => {
  await mine().getByRole("button", { name: "Column Ready: menu" }).click();
  await mine()
    .getByRole("menuitem", { name: /^Remove: / })
    .waitFor();
  await shoot(mine(), "board-column-menu");
  await mine().keyboard.press("Escape");
  await choose("Column QA: menu", "Remove");
  await lane(theirs(), "qa").waitFor({ state: "detached" });
  await mine().getByRole("button", { name: "Undo" }).click();
  await expect.poll(() => mine().locator("[data-lane] h2").allTextContents()).toContain("QA0");
});

const order = (page: Page) => page.locator("[data-lane] h2 > span:first-child").allTextContents();

test("a column is dragged by its name to another place, which everybody sees, and a refused one goes back with the reason", async () => {
  const before = await order(mine());
  const done = await centre(lane(mine(), "done"));
  await take(mine(), lane(mine(), "backlog").locator("h2"), { x: done.x - 20, y: done.y });
  expect(await mine().locator("[data-column-line]").count()).toBe(1);
  await shoot(mine(), "board-column-drag");
  await mine().mouse.move(done.x + 20, done.y);
  await mine().mouse.up();
  const after = [...before.slice(1), ...before.slice(0, 1)];
  for (const page of [mine(), theirs()]) await expect.poll(() => order(page)).toEqual(after);
  await session.openBoard(mine());
  await expect.poll(() => order(mine())).toEqual(after);
  const refusal = { code: "conflict", title: "Conflict", detail: "It stays where it is.", status: 409 };
  await mine().route("**/columns/*", (route) => route.fulfill({ status: 409, json: refusal }), { times: 1 });
  await choose("Column Backlog: menu", "Move left");
  await mine().getByText("Backlog was not moved").waitFor();
  await expect.poll(() => order(mine())).toEqual(after);
});

test("a column is moved by keyboard in plain words, keeps the focus, and Escape leaves it", async () => {
  const before = await order(mine());
  const handle = mine().getByRole("button", { name: "Column Backlog: move" });
  await handle.focus();
  await mine().keyboard.press("Space");
  expect(await said(mine()).textContent()).toBe("The column Backlog is lifted from position 6 of 6.");
  await mine().keyboard.press("Home");
  await expect.poll(() => said(mine()).textContent()).toContain("position 1 of 6");
  await mine().keyboard.press("Escape");
  await expect.poll(() => said(mine()).textContent()).toContain("stays where it was");
  expect(await order(mine())).toEqual(before);
  await mine().keyboard.press("Space");
  await mine().keyboard.press("Home");
  await mine().keyboard.press("Space");
  const after = [...before.slice(-1), ...before.slice(0, -1)];
  for (const page of [mine(), theirs()]) await expect.poll(() => order(page)).toEqual(after);
  await mine().keyboard.press("Space");
  await mine().keyboard.press("ArrowRight");
  await mine().keyboard.press("Space");
  await expect.poll(() => order(theirs())).toEqual([after[1], after[0], ...after.slice(2)]);
  expect(await focused()).toBe("Column Backlog: move");
  expect(await theirs().getByRole("button", { name: "Column Backlog: move" }).count()).toBe(0);
});

test("a second board is shown, is in the address, and is there after a reload", async () => {
  await choose("Boards: menu", "Add board…");
  await mine().keyboard.type("Research");
  await mine().keyboard.press("Enter");
  const tab = mine().getByRole("navigation", { name: "Boards" }).getByRole("button", { name: "Research" });
  await expect.poll(() => tab.getAttribute("aria-current")).toBe("page");
  await expect.poll(() => mine().locator("[data-card]").count()).toBe(0);
  await mine().reload();
  await expect.poll(() => tab.getAttribute("aria-current")).toBe("page");
  await shoot(mine(), "board-second");
  await shootPhone(mine(), "board-second");
});

test("a new ticket goes into a column of the shown board, of one's choice, which the next one forgets", async () => {
  await mine().keyboard.press("c");
  const dialog = mine().getByRole("dialog", { name: "New ticket" });
  const column = dialog.getByLabel("Column");
  expect(await column.locator("option").allTextContents()).toEqual([
    ...["Backlog", "Todo", "In Progress", "Code Review", "QA", "Done"],
  ]);
  expect(await column.locator("option:checked").textContent()).toBe("Backlog");
  await dialog.getByLabel("Title").fill("Third");
  await column.selectOption({ label: "Todo" });
  await shoot(mine(), "new-ticket-column");
  await shootPhone(mine(), "new-ticket-column");
  await dialog.getByRole("button", { name: "Create ticket" }).click();
  await mine().getByRole("dialog", { name: /Third/ }).waitFor();
  await mine().keyboard.press("Escape");
  const todo = mine().getByRole("region", { name: "Todo", exact: true });
  await todo.locator("[data-card]").getByText("Third").waitFor();
  await mine().keyboard.press("c");
  await expect.poll(() => column.locator("option:checked").textContent()).toBe("Backlog");
  await mine().keyboard.press("Escape");
});

test("list and graph show the chosen board, and say that the other one has more", async () => {
  await mine().getByRole("radio", { name: "List" }).click();
  await mine().getByRole("row").getByText("Third").waitFor();
  expect(await mine().getByRole("row").getByText("First").count()).toBe(0);
  await mine().getByRole("status").getByText("2 more tickets are on other boards.").waitFor();
  await shoot(mine(), "board-list-second");
  await mine().getByRole("radio", { name: "Graph" }).click();
  await mine().getByText("Without dependencies 1").waitFor();
  await mine().getByRole("navigation", { name: "Boards" }).getByRole("button", { name: "Board", exact: true }).click();
  await mine().getByText("Without dependencies 2").waitFor();
  await mine().getByRole("status").getByText("1 more ticket is on other boards.").waitFor();
  await mine().getByRole("radio", { name: "Board" }).click();
  await lane(mine(), "todo").waitFor();
});

test("a project without tickets shows its boards too", async () => {
  const empty = await session.client.createProject({ key: "EMP", name: "Empty", description: "", repositoryIds: [] });
  await mine().goto(`/projects/${empty.id}/board`);
  await mine().getByRole("heading", { name: "This board is empty" }).waitFor();
  await choose("Boards: menu", "Add board…");
  await mine().keyboard.type("Ideas");
  await mine().keyboard.press("Enter");
  const tabs = mine().getByRole("navigation", { name: "Boards" });
  await expect.poll(() => tabs.locator("[aria-current=page]").textContent()).toBe("Ideas");
  await shoot(mine(), "board-empty-tabs");
  expect(session.mine.complaints).toEqual([]);
});

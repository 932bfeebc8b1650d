import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ticket } from "../../contracts/project.ts";
import { card, centre, lane, openBoardSession, take, titles, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures, type WatchedPage } from "./session.ts";

/* Filters, list, graph and saved views of a board, in the browsers of two people. */
let session: BoardSession;
let mine: WatchedPage;
let theirs: WatchedPage;
let at: (index: number) => Ticket;

beforeAll(async () => {
  session = await openBoardSession();
  ({ mine, theirs } = session);
  at = await session.makeAll([
    ["Sketch the parser", "done"],
    ["Write the parser", "in_progress"],
    ["Write the printer", "todo"],
    ["Join parser and printer", "todo"],
    ["Announce it", "backlog"],
    ["Water the plants", "backlog"],
  ]);
});

afterAll(() => session?.close());

pictureFailures(() => mine);

const board = (query = "") => `/projects/${session.projectId}/board${query}`;

describe("filters", () => {
  test("the text matches titles at once and descriptions by the server, and stands in the address", async () => {
    const { page } = mine;
    await session.openBoard(page);
    await page.keyboard.press("/");
    await page.keyboard.type("parser");
    await expect.poll(() => titles(page, "todo")).toEqual(["Join parser and printer"]);
    await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe("parser");
    await page.getByLabel("Filter tickets").fill("words about");
    await expect.poll(() => titles(page, "backlog")).toEqual(["Announce it", "Water the plants"]);
    await page.keyboard.press("Escape");
    await expect.poll(() => new URL(page.url()).search).toBe("");
  });

  test("a filter from the menu is a chip, a link shares it, and Back takes it away", async () => {
    const { page } = mine;
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await page.getByRole("menuitem", { name: "Column" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Todo" }).click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    const chip = page.getByRole("button", { name: "Remove the filter Column: Todo" });
    await chip.waitFor();
    await expect.poll(() => lane(page, "backlog").locator("[data-card]").count()).toBe(0);
    const shared = new URL(page.url()).search;
    await theirs.page.goto(board(shared));
    await theirs.page.getByRole("button", { name: "Remove the filter Column: Todo" }).waitFor();
    await page.goBack();
    await chip.waitFor({ state: "detached" });
    await page.goForward();
    await chip.click();
    await chip.waitFor({ state: "detached" });
  });

  test("a card that is dropped among filtered ones stands right among the hidden ones", async () => {
    const { page } = mine;
    await page.goto(board("?q=printer"));
    await card(page, at(2)).waitFor();
    // Between the printer and the join lies nothing; the plants come to the end of the visible ones, before what is hidden there.
    const hidden = await session.make("Hidden by the filter", "todo");
    await expect.poll(() => lane(page, "todo").locator("h2").textContent()).toMatch(/2\/3/u);
    const target = await centre(card(page, at(2)));
    await take(page, card(page, at(3)), { x: target.x, y: target.y - 20 });
    await page.mouse.up();
    await expect.poll(() => titles(page, "todo")).toEqual(["Join parser and printer", "Write the printer"]);
    await page.goto(board());
    await expect
      .poll(() => titles(page, "todo"))
      .toEqual(["Join parser and printer", "Write the printer", "Hidden by the filter"]);
    await session.client.http.send("DELETE", `/api/tickets/${hidden.id}`);
    await card(page, hidden).waitFor({ state: "detached" });
  });
});

describe("the list", () => {
  test("is walked, sorted and edited by keyboard, and everybody sees the edit", async () => {
    const { page } = mine;
    await session.openBoard(theirs.page);
    await page.getByRole("radio", { name: "List" }).click();
    const rows = page.locator("[data-card]");
    await expect.poll(() => rows.count()).toBe(6);
    await page.getByRole("button", { name: "Title" }).click();
    await expect.poll(() => rows.first().getAttribute("data-card")).toBe(at(4).id);
    await page.getByRole("button", { name: "Title" }).click();
    await expect.poll(() => rows.first().getAttribute("data-card")).toBe(at(2).id);
    await rows.first().focus();
    await page.keyboard.press("e");
    await page.getByLabel(`Title of ${at(2).key}`).fill("Zip the printer");
    await page.keyboard.press("Enter");
    await card(theirs.page, at(2)).getByText("Zip the printer").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement.dataset.card")).toBe(at(2).id);
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("1 selected").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press(".");
    await page.getByRole("menuitem", { name: "Assign to me" }).click();
    await page.keyboard.press("k");
    await expect.poll(() => page.evaluate("document.activeElement.dataset.card")).toBe(at(2).id);
    await page.getByRole("combobox", { name: "Group by" }).selectOption("column");
    await page.getByRole("cell", { name: "In Progress 1" }).waitFor();
    await page.getByLabel(`Priority of ${at(2).key}`).selectOption("high");
    await card(theirs.page, at(2)).getByRole("img", { name: "Priority: High" }).waitFor();
    await shoot(page, "board-list");
    await shootPhone(page, "board-list");
  });
});

describe("the graph", () => {
  const link = async (ticket: Ticket, other: Ticket): Promise<void> => {
    await session.client.http.send("PUT", `/api/tickets/${ticket.id}/dependencies/${other.id}`);
  };

  test("shows what waits for what, marks the critical path, and takes a dependency by a drag", async () => {
    const { page } = mine;
    await link(at(1), at(0));
    await link(at(3), at(1));
    await link(at(3), at(2));
    await page.goto(board("?view=graph"));
    await page.getByText("Critical path: 2 tickets").waitFor();
    await expect.poll(() => page.locator(".react-flow__node").count()).toBe(4);
    await page.getByLabel("Ticket", { exact: true }).fill(at(4).key);
    await page.getByLabel("Other ticket").fill(at(3).key);
    await page.getByRole("button", { name: "Add the dependency" }).click();
    await page.getByText("Critical path: 3 tickets").waitFor();
    const from = page.locator(`.react-flow__node[data-id="${at(0).id}"] .react-flow__handle-right`);
    const to = page.locator(`.react-flow__node[data-id="${at(2).id}"] .react-flow__handle-left`);
    await take(page, from, await centre(to));
    await page.mouse.up();
    await page
      .getByText(`Remove: ${at(2).key}`)
      .or(page.getByLabel(`Remove: ${at(2).key} waits for ${at(0).key}`))
      .waitFor();
    await shoot(page, "board-graph");
    await page.getByRole("button", { name: "Hide the list of dependencies" }).click();
    await shootPhone(page, "board-graph");
  });

  test("refuses a circle with its way, and a removal can be undone", async () => {
    const { page } = mine;
    await page.getByRole("button", { name: "Fit view" }).click();
    const edges = page.locator(".react-flow__edge");
    const before = await edges.count();
    const from = page.locator(`.react-flow__node[data-id="${at(4).id}"] .react-flow__handle-right`);
    const to = page.locator(`.react-flow__node[data-id="${at(1).id}"] .react-flow__handle-left`);
    // The graph has come to rest once its handles can be pointed at.
    await to.hover();
    await from.hover();
    await take(page, from, await centre(to));
    await page.mouse.up();
    await page.getByText(new RegExp(`circle: ${at(1).key} → .*${at(1).key}`, "u")).waitFor();
    expect(await edges.count()).toBe(before);
    await page.locator(`.react-flow__edge[data-id="${at(3).id}-${at(4).id}"]`).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Delete");
    await expect.poll(() => edges.count()).toBe(before - 1);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => edges.count()).toBe(before);
    await page.locator(`.react-flow__node [data-card="${at(1).id}"]`).click();
    await page.getByRole("dialog").getByLabel("Title", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
  });
});

describe("saved views", () => {
  test("one is saved, shared, shown to another member, changed, deleted and brought back", async () => {
    const { page } = mine;
    await page.goto(board("?view=list&type=task&sort=title"));
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("menuitem", { name: "Save as a new view…" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("Tasks by title");
    await page.getByLabel("Share it with everybody in this tenant").check();
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Tasks by title" }).waitFor();
    await page.getByRole("button", { name: "Remove the filter Type: Task" }).click();
    await page.getByRole("button", { name: "Tasks by title changed" }).waitFor();
    await theirs.page.goto(board());
    await theirs.page.getByRole("button", { name: "Views" }).click();
    await theirs.page.getByRole("menuitem", { name: /Tasks by title/u }).click();
    await theirs.page.getByRole("button", { name: "Remove the filter Type: Task" }).waitFor();
    expect(new URL(theirs.page.url()).searchParams.get("view")).toBe("list");
    await page.getByRole("button", { name: "Tasks by title changed" }).click();
    await shoot(page, "board-views-menu");
    await page.getByRole("menuitem", { name: "Save the changes in it" }).click();
    await page.getByRole("button", { name: "Tasks by title", exact: true }).click();
    await page.getByRole("menuitem", { name: "Delete this view" }).click();
    await page.getByText("The view Tasks by title was deleted").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Tasks by title", exact: true }).waitFor();
  });
});

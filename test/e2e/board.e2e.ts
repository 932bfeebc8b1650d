import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ticketStages, type TicketStage } from "../../contracts/project.ts";
import {
  card,
  centre,
  lane,
  openBoardSession,
  said,
  seenAt,
  take,
  titles,
  type BoardSession,
} from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures, type WatchedPage } from "./session.ts";

/* A live board in the browsers of two people of one tenant. */
let session: BoardSession;
let mine: WatchedPage;
let theirs: WatchedPage;

beforeAll(async () => {
  session = await openBoardSession();
  ({ mine, theirs } = session);
});

afterAll(() => session?.close());

pictureFailures(() => mine);

describe("two people with one board", () => {
  test("a board without tickets says its purpose, and a ticket made elsewhere appears at once", async () => {
    await session.openBoard(mine.page);
    await mine.page.getByRole("heading", { name: "This board is empty" }).waitFor();
    await shoot(mine.page, "board-empty");
    const ticket = await session.make("Write the first words", "todo");
    await card(mine.page, ticket).waitFor();
    await session.openBoard(theirs.page);
    await mine.page.getByRole("img", { name: "Remy Reviewer has the board open" }).waitFor();
  });

  test("each sees the other's moves within a second", async () => {
    const { page } = mine;
    const tickets = [
      await session.make("Alpha", "todo"),
      await session.make("Beta", "todo"),
      await session.make("Gamma", "in_progress"),
    ];
    for (const ticket of tickets) await card(page, ticket).waitFor();
    const [alpha] = tickets;
    if (alpha === undefined) throw new Error("no ticket");
    const took: number[] = [];
    const turns: readonly (readonly [WatchedPage, WatchedPage, TicketStage])[] = [
      [mine, theirs, "in_progress"],
      [theirs, mine, "qa"],
      [mine, theirs, "done"],
      [theirs, mine, "todo"],
      [mine, theirs, "code_review"],
    ];
    for (const [from, other, column] of turns) {
      await card(from.page, alpha).waitFor();
      const seen = seenAt(other.page, alpha, column);
      const { x, y } = await centre(lane(from.page, column));
      await take(from.page, card(from.page, alpha), { x, y: y + 200 });
      const at = Date.now();
      await from.page.mouse.up();
      took.push((await seen) - at);
    }
    console.log(`moves seen by the other browser after ${took.join(", ")} ms`);
    expect(Math.max(...took)).toBeLessThan(1000);
  });

  test("a reload shows the same order, and the server has it", async () => {
    const before = await Promise.all(ticketStages.map((column) => titles(theirs.page, column)));
    await mine.page.reload();
    await mine.page.getByText("Live", { exact: true }).waitFor();
    await lane(mine.page, "todo").locator("[data-card]").first().waitFor();
    expect(await Promise.all(ticketStages.map((column) => titles(mine.page, column)))).toEqual(before);
  });

  test("the other sees which ticket a person looks at", async () => {
    await lane(theirs.page, "todo").getByRole("button", { name: /Beta/ }).click();
    await lane(mine.page, "todo").getByRole("img", { name: "Remy Reviewer looks at it" }).waitFor();
    await shoot(mine.page, "board-presence");
    await theirs.page.keyboard.press("Escape");
    await lane(mine.page, "todo")
      .getByRole("img", { name: "Remy Reviewer looks at it" })
      .waitFor({ state: "detached" });
  });
});

describe("dragging", () => {
  test("with the mouse a card goes to the first place, with a line where it will drop", async () => {
    const { page } = mine;
    const todo = lane(page, "todo");
    const gamma = lane(page, "in_progress").getByRole("button", { name: /Gamma/ });
    const first = todo.locator("[data-card]").first();
    const box = await first.boundingBox();
    if (box === null) throw new Error("no card");
    await take(page, gamma, { x: box.x + 60, y: box.y + 6 });
    await todo.locator("[data-drop-line]").waitFor();
    await shoot(page, "board-drag");
    await page.mouse.up();
    expect((await titles(page, "todo"))[0]).toBe("Gamma");
    await expect.poll(async () => (await titles(theirs.page, "todo"))[0]).toBe("Gamma");
  });

  test("a click still opens, and Escape in a drag leaves everything as it was", async () => {
    const { page } = mine;
    const before = await titles(page, "todo");
    await take(page, lane(page, "todo").locator("[data-card]").first(), await centre(lane(page, "done")));
    await page.keyboard.press("Escape");
    await page.mouse.up();
    expect(await titles(page, "todo")).toEqual(before);
    // For 50 ms after a drag dnd-kit swallows clicks, so that the release of the button is none.
    await page.waitForTimeout(200);
    await page.getByRole("button", { name: /Gamma/ }).click();
    await page.getByRole("dialog", { name: /Gamma/ }).waitFor();
    await page.keyboard.press("Escape");
  });

  test("with the keyboard a card goes down and to another column, in plain words", async () => {
    const { page } = mine;
    const gamma = page.getByRole("button", { name: /Gamma/ });
    await gamma.focus();
    await page.keyboard.press("Space");
    await expect.poll(() => said(page).textContent()).toMatch(/^BRD-\d+, Gamma, is lifted from Todo, position 1 of \d/);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => said(page).textContent()).toMatch(/^BRD-\d+ is over Todo, position 2 of/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => said(page).textContent()).toMatch(/is over Code Review, position 2 of 2/);
    await shoot(page, "board-keyboard");
    await page.keyboard.press("Space");
    await expect.poll(() => said(page).textContent()).toMatch(/was dropped in Code Review, position 2 of 2/);
    await expect.poll(() => titles(theirs.page, "code_review")).toEqual(["Alpha", "Gamma"]);
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toContain("Gamma");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Escape");
    await expect.poll(() => said(page).textContent()).toMatch(/^The move was cancelled/);
    expect(await titles(page, "code_review")).toEqual(["Alpha", "Gamma"]);
  });

  test("several selected cards go together, in the order of the board", async () => {
    const { page } = mine;
    const review = lane(page, "code_review").locator("[data-card]");
    await review.nth(1).click({ modifiers: ["ControlOrMeta"] });
    await review.nth(0).click({ modifiers: ["Shift"] });
    await page.getByRole("toolbar", { name: "Selected tickets" }).getByText("2 selected").waitFor();
    await shoot(page, "board-selected");
    const { x, y } = await centre(lane(page, "backlog"));
    await take(page, review.nth(1), { x, y });
    await shoot(page, "board-drag-two");
    await page.mouse.up();
    expect(await titles(page, "backlog")).toEqual(["Alpha", "Gamma"]);
    await expect.poll(() => titles(theirs.page, "backlog")).toEqual(["Alpha", "Gamma"]);
  });

  test("into a filtered column the card goes beside the cards that are seen", async () => {
    const { page } = mine;
    for (const title of ["Hidden one", "Seen one", "Hidden two"]) await session.make(title, "qa");
    await session.make("Seen mover", "done");
    await page.getByRole("textbox", { name: "Filter tickets" }).fill("seen");
    const seen = lane(page, "qa").getByRole("button", { name: /Seen one/ });
    const box = await seen.boundingBox();
    if (box === null) throw new Error("no card");
    await take(page, page.getByRole("button", { name: /Seen mover/ }), { x: box.x + 50, y: box.y + box.height + 40 });
    await page.mouse.up();
    expect(await titles(page, "qa")).toEqual(["Seen one", "Seen mover"]);
    await page.getByRole("textbox", { name: "Filter tickets" }).fill("");
    await expect.poll(() => titles(theirs.page, "qa")).toEqual(["Hidden one", "Seen one", "Seen mover", "Hidden two"]);
  });

  test("a move that the server refuses goes back, with the reason", async () => {
    const { page } = mine;
    await page.route("**/moves", (route) =>
      route.fulfill({
        status: 409,
        contentType: "application/problem+json",
        body: JSON.stringify({
          type: "about:blank",
          title: "Conflict",
          status: 409,
          code: "conflict",
          detail: "The board is being restored.",
        }),
      }),
    );
    const before = await titles(page, "backlog");
    await take(page, lane(page, "backlog").locator("[data-card]").first(), await centre(lane(page, "done")));
    await page.mouse.up();
    await page.getByText("did not move to Done").waitFor();
    await page.getByText("The board is being restored. It is back where it was.").waitFor();
    await expect.poll(() => titles(page, "backlog")).toEqual(before);
    await shoot(page, "board-refused");
    await page.unroute("**/moves");
  });
});

describe("a ticket in the drawer", () => {
  test("fields are edited in place, and the other sees them", async () => {
    const { page } = mine;
    await page.getByRole("button", { name: /Alpha/ }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("textbox", { name: "Title" }).fill("Alpha, renamed");
    await page.keyboard.press("Enter");
    await theirs.page.getByRole("button", { name: /Alpha, renamed/ }).waitFor();
    await drawer.getByRole("combobox", { name: "Priority" }).selectOption("urgent");
    await drawer.getByRole("textbox", { name: "Labels" }).fill("board, live");
    await drawer.getByRole("button", { name: "Edit the description" }).click();
    await drawer.getByRole("textbox", { name: "Description" }).fill("It has **bold** words.");
    await drawer.getByRole("button", { name: "Preview" }).click();
    await drawer.getByText("bold", { exact: true }).waitFor();
    await drawer.getByRole("button", { name: "Write" }).click();
    await shoot(page, "ticket-edit");
    await shootPhone(page, "ticket-edit");
    await drawer.getByRole("textbox", { name: "Description" }).press("ControlOrMeta+Enter");
    await drawer.getByRole("combobox", { name: "Column" }).selectOption("in_progress");
    await expect.poll(() => titles(theirs.page, "in_progress")).toContain("Alpha, renamed");
    await drawer.getByRole("button", { name: "Edit the description" }).waitFor();
  });

  test("a text that another person changed meanwhile is kept, with both versions to choose from", async () => {
    const { page } = mine;
    const id = new URL(page.url()).searchParams.get("ticket") ?? "";
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("button", { name: "Edit the acceptance criteria" }).click();
    const field = drawer.getByRole("textbox", { name: "Acceptance criteria" });
    await field.fill("- Mine");
    await theirs.page.goto(`/projects/${session.projectId}/board?ticket=${id}`);
    const other = theirs.page.getByRole("dialog");
    await other.getByRole("button", { name: "Edit the acceptance criteria" }).click();
    await other.getByRole("textbox", { name: "Acceptance criteria" }).fill("- Theirs");
    await other.getByRole("button", { name: "Save" }).click();
    await other.getByRole("button", { name: "Edit the acceptance criteria" }).waitFor();
    await field.press("ControlOrMeta+Enter");
    await drawer.getByText("Somebody else changed the acceptance criteria meanwhile").waitFor();
    await drawer.getByText("- Theirs").waitFor();
    await shoot(page, "ticket-conflict");
    await drawer.getByRole("button", { name: "Save mine over it" }).click();
    await other.locator("li", { hasText: "Mine" }).waitFor();
  });

  test("a deletion can be undone, and the other person's open drawer says so", async () => {
    const { page } = mine;
    await page.getByRole("dialog").getByRole("button", { name: "Delete the ticket" }).click();
    await page.getByText(/was deleted/).waitFor();
    const notice = theirs.page.getByRole("dialog").getByRole("alert");
    await notice.getByText(/deleted it/).waitFor();
    await shoot(theirs.page, "ticket-deleted");
    await expect.poll(() => titles(page, "in_progress")).not.toContain("Alpha, renamed");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => titles(page, "in_progress")).toContain("Alpha, renamed");
    await theirs.page.getByRole("dialog").getByRole("textbox", { name: "Title" }).waitFor();
    await theirs.page.keyboard.press("Escape");
  });
});

test("the pages had nothing to complain about", () => {
  expect([...mine.complaints, ...theirs.complaints]).toEqual([]);
});

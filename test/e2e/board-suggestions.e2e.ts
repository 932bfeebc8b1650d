import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ticket } from "../../contracts/project.ts";
import { openBoardSession, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures } from "./session.ts";

/* Suggestions on cards and in the drawer, by keyboard. */
let session: BoardSession;
let alike: Ticket;
let bare: Ticket;
let large: Ticket;

beforeAll(async () => {
  session = await openBoardSession();
  const make = async (title: string, acceptanceCriteria: string): Promise<Ticket> =>
    session.client.createTicket(session.projectId, {
      ...{ type: "task", title, description: "", acceptanceCriteria, column: "todo" },
    });
  await make("Login fails on Safari", "- It works");
  alike = await make("On Safari the login fails", "- It works");
  bare = await make("Export to a spreadsheet", "");
  large = await make("Rebuild the checkout", Array.from({ length: 10 }, (_, index) => `- Part ${index}`).join("\n"));
  await session.openBoard(session.mine.page);
});

afterAll(() => session?.close());

pictureFailures(() => session?.mine);

const page = () => session.mine.page;
const mark = (ticket: Ticket) => page().locator(`[data-suggestions="${ticket.id}"]`);
const marks = () =>
  page().evaluate(
    "[...document.querySelectorAll('[data-suggestions]')].map((each) => each.getAttribute('data-suggestions'))",
  );

async function choose(ticket: Ticket, entry: string): Promise<void> {
  await mark(ticket).focus();
  await page().keyboard.press("Enter");
  const item = page().getByRole("menuitem", { name: entry });
  await item.focus();
  await page().keyboard.press("Enter");
}

test("cards are marked that look like an earlier one, have no criteria, or are too large", async () => {
  await expect.poll(marks).toEqual([alike.id, bare.id, large.id]);
  expect(await mark(alike).getAttribute("title")).toBe("Looks like BRD-1: Login fails on Safari");
  await page().locator(`[data-card="${alike.id}"]`).focus();
  await page().keyboard.press("Tab");
  await page().keyboard.press("Enter");
  await page().getByRole("menuitem", { name: "Open BRD-1" }).waitFor();
  await shoot(page(), "suggestions-menu");
  await page().keyboard.press("Escape");
  await shootPhone(page(), "suggestions");
  await choose(alike, "Open BRD-1");
  const drawer = page().getByRole("dialog", { name: "BRD-1 Login fails on Safari" });
  await drawer.waitFor();
  await page().keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
});

test("criteria are written where the suggestion leads, and it goes", async () => {
  await choose(bare, "Write the criteria");
  const drawer = page().getByRole("dialog", { name: /Export to a spreadsheet/ });
  const field = drawer.getByLabel("Acceptance criteria");
  await field.waitFor();
  await expect.poll(() => page().evaluate("document.activeElement.tagName")).toBe("TEXTAREA");
  await shoot(page(), "suggestions-drawer");
  await page().keyboard.type("- A file is saved");
  await page().keyboard.press("Control+Enter");
  await expect.poll(marks).toEqual([alike.id, large.id]);
  await expect.poll(() => drawer.getByRole("list", { name: "Suggestions" }).count()).toBe(0);
  await drawer.getByText("A file is saved").waitFor();
  await drawer.getByRole("button", { name: "Close" }).click();
  await drawer.waitFor({ state: "detached" });
});

test("one that was put away stays away in this browser, and a title that changes takes the likeness along", async () => {
  await choose(alike, "Don’t suggest it again");
  await expect.poll(marks).toEqual([large.id]);
  await page().reload();
  await expect.poll(marks).toEqual([large.id]);
  const second = await session.client.createTicket(session.projectId, {
    ...{ type: "bug", title: "Login fails on Safari!", description: "", acceptanceCriteria: "- x", column: "todo" },
  });
  await expect.poll(marks).toEqual([large.id, second.id]);
});

test("a large ticket is split by a plan run that starts with it", async () => {
  await page().locator(`[data-card="${large.id}"]`).click();
  const drawer = page().getByRole("dialog", { name: /Rebuild the checkout/ });
  expect(await drawer.getByRole("list", { name: "Suggestions" }).textContent()).toContain(
    "it has 10 acceptance criteria",
  );
  await drawer.getByRole("button", { name: "Plan the split" }).click();
  await page().getByRole("heading", { name: "What are we building today?" }).waitFor();
  expect(new URL(page().url()).search).toBe(`?ticket=${large.id}&mode=plan`);
  await expect.poll(() => page().locator("textarea").first().inputValue()).toContain("Rebuild the checkout");
  expect(session.mine.complaints).toEqual([]);
});

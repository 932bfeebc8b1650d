import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ticket } from "../../contracts/project.ts";
import { card, openBoardSession, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures, type WatchedPage } from "./session.ts";
import { drawerOf, openTicket, part, press, rows } from "./ticket-drawer.ts";

/* A ticket's dependencies, family and checklist in its drawer: changed by keyboard in one browser, and seen in another. */
let session: BoardSession;
let mine: WatchedPage;
let theirs: WatchedPage;
let at: (index: number) => Ticket;

beforeAll(async () => {
  session = await openBoardSession();
  ({ mine, theirs } = session);
  at = await session.makeAll([
    ["Draw the plan", "done"],
    ["Lay the ground", "in_progress"],
    ["Raise the walls", "todo"],
    ["Put on the roof", "backlog"],
  ]);
});

afterAll(() => session?.close());

pictureFailures(() => mine);

describe("dependencies", () => {
  test("one is added by typing a part of a title, and the other person sees it, with whether the ticket is ready", async () => {
    const { page } = mine;
    await openTicket(theirs.page, at(2));
    await session.openBoard(page);
    await press(card(page, at(2)));
    await part(page, "Depends on").getByText("Ready to start").waitFor();
    await press(part(page, "Depends on").getByRole("button", { name: `Add a ticket that ${at(2).key} depends on` }));
    const field = part(page, "Depends on").getByRole("combobox");
    await page.keyboard.type("the gr");
    await expect.poll(() => field.getAttribute("aria-expanded")).toBe("true");
    await shoot(page, "ticket-dependency-add");
    await page.keyboard.press("Enter");
    await page.keyboard.type("draw");
    await page.keyboard.press("Enter");
    for (const each of [page, theirs.page]) {
      await part(each, "Depends on")
        .getByText(`Waits for ${at(1).key}`)
        .waitFor();
      await expect
        .poll(() => rows(each, "Depends on"))
        .toEqual([`${at(0).key}${at(0).title}Done`, `${at(1).key}${at(1).title}In Progress`]);
    }
    await page.keyboard.press("Escape");
    await field.waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate("document.activeElement.textContent.trim()")).toBe("Add");
    await drawerOf(page).getByRole("textbox", { name: "Title" }).waitFor();
  });

  test("the other direction is added in the same way, and a circle is refused with its way in words", async () => {
    const { page } = mine;
    await press(part(page, "Blocks").getByRole("button", { name: `Add a ticket that waits for ${at(2).key}` }));
    await page.keyboard.type(at(3).key.toLowerCase());
    await page.keyboard.press("Enter");
    for (const each of [page, theirs.page])
      await expect.poll(() => rows(each, "Blocks")).toEqual([`${at(3).key}${at(3).title}Backlog`]);
    await page.keyboard.type("ground");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await part(page, "Blocks")
      .getByRole("alert")
      .getByText(`${at(1).key} → ${at(2).key} → ${at(1).key}`)
      .waitFor();
    await shoot(page, "ticket-circle");
    await page.keyboard.press("Escape");
    await part(page, "Blocks").getByRole("alert").waitFor({ state: "detached" });
  });

  test("one is removed with one key, which the other person sees, and the same button undoes it", async () => {
    const { page } = mine;
    await press(part(page, "Depends on").getByRole("button", { name: `Remove ${at(1).key}` }));
    await part(page, "Depends on")
      .getByText(`${at(1).key} was removed.`)
      .waitFor();
    await part(theirs.page, "Depends on").getByText("Ready to start").waitFor();
    await expect.poll(() => page.evaluate("document.activeElement.textContent.trim()")).toBe("Undo");
    await shoot(page, "ticket-dependencies");
    await page.keyboard.press("Enter");
    for (const each of [page, theirs.page])
      await part(each, "Depends on")
        .getByText(`Waits for ${at(1).key}`)
        .waitFor();
    await page.reload();
    await expect
      .poll(() => rows(page, "Depends on"))
      .toEqual([`${at(0).key}${at(0).title}Done`, `${at(1).key}${at(1).title}In Progress`]);
    await expect.poll(() => rows(page, "Blocks")).toEqual([`${at(3).key}${at(3).title}Backlog`]);
    await shootPhone(page, "ticket-dependencies");
  });

  test("one on a ticket that is deleted meanwhile says so, and holds nothing up", async () => {
    const { page } = mine;
    await session.client.http.send("DELETE", `/api/tickets/${at(1).id}`);
    await expect.poll(() => rows(page, "Depends on")).toContain(`${at(1).key}${at(1).title}deletedIt blocks nothing.`);
    await part(page, "Depends on").getByText("Ready to start").waitFor();
    await page.reload();
    await expect.poll(() => rows(page, "Depends on")).toContain("A deleted ticketIt blocks nothing.");
    await session.client.http.send("POST", `/api/tickets/${at(1).id}/restore`);
    await part(page, "Depends on")
      .getByText(`Waits for ${at(1).key}`)
      .waitFor();
    await part(page, "Blocks")
      .getByRole("link", { name: at(3).title })
      .click();
    await expect.poll(() => rows(page, "Depends on")).toEqual([`${at(2).key}${at(2).title}Todo`]);
    expect(new URL(page.url()).searchParams.get("ticket")).toBe(at(3).id);
  });
});

describe("parent and children", () => {
  test("a parent is chosen by keyboard among those that it may be, and stands above the title for everybody", async () => {
    const { page } = mine;
    await openTicket(theirs.page, at(2));
    await openTicket(page, at(2));
    await press(part(page, "Parent").getByRole("button", { name: "Choose the parent" }));
    await page.keyboard.type("the plan");
    await page.keyboard.press("Enter");
    for (const each of [page, theirs.page]) {
      await expect.poll(() => rows(each, "Parent")).toEqual([`${at(0).key}${at(0).title}Done`]);
      await drawerOf(each).getByRole("navigation", { name: "Tickets above this one" }).getByText(at(0).title).waitFor();
    }
    await press(part(page, "Parent").getByRole("button", { name: `Remove ${at(0).key}` }));
    await part(theirs.page, "Parent").getByText("None.").waitFor();
    await page.keyboard.press("Enter");
    await part(theirs.page, "Parent").getByText(at(0).title).waitFor();
    await page.reload();
    await press(
      drawerOf(page)
        .getByRole("navigation")
        .getByRole("link", { name: at(0).key }),
    );
    await expect.poll(() => rows(page, "Children")).toEqual([`${at(2).key}${at(2).title}Todo`]);
    await part(page, "Children").getByText("0 of 1 done").waitFor();
    // A ticket is never above itself: its own child is not among the choices.
    await press(part(page, "Parent").getByRole("button", { name: "Choose the parent" }));
    await page.keyboard.type("walls");
    await part(page, "Parent").getByText("No ticket to choose here has “walls” in its key or title.").waitFor();
    await page.keyboard.press("Escape");
  });

  test("a child is made from the drawer, which comes back with it, and is counted once it is done", async () => {
    const { page } = mine;
    await openTicket(theirs.page, at(0));
    await press(part(page, "Children").getByRole("link", { name: "New child ticket" }));
    const form = page.getByRole("dialog", { name: "New child ticket" });
    await form.getByText(`A child of ${at(0).key} ${at(0).title}.`).waitFor();
    await page.keyboard.type("Sharpen the pencil");
    await page.keyboard.press("ControlOrMeta+Enter");
    await part(page, "Children").getByText("0 of 2 done").waitFor();
    await part(theirs.page, "Children").getByText("Sharpen the pencil").waitFor();
    await press(part(page, "Children").getByRole("link", { name: "Sharpen the pencil" }));
    await drawerOf(page).getByRole("combobox", { name: "Column" }).selectOption({ label: "Done" });
    await part(theirs.page, "Children").getByText("1 of 2 done").waitFor();
    await page.goBack();
    await part(page, "Children").getByText("1 of 2 done").waitFor();
    await shoot(page, "ticket-family");
    await shootPhone(page, "ticket-family");
  });
});

describe("checklists", () => {
  const items = (page: Page) => drawerOf(page).getByRole("checkbox");
  const ticked = async (page: Page) =>
    Promise.all((await items(page).all()).map((item) => item.isChecked().then((is) => (is ? "x" : "-"))));
  const criteria = "- [ ] Straight\r\n  - [x] measured\r\n- plain\r\n\r\n```\r\n- [ ] code\r\n```\r\n\r\n1. [ ] Level";
  const saved = async () => (await session.client.getTicket(at(2).id)).acceptanceCriteria;

  test("an item is ticked by keyboard in the text that is shown, on the card too and for everybody", async () => {
    const { page } = mine;
    const { version } = await session.client.getTicket(at(2).id);
    const body = { version, acceptanceCriteria: criteria, description: "- [x] Bricks" };
    await session.client.http.send("PATCH", `/api/tickets/${at(2).id}`, {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    await openTicket(theirs.page, at(2));
    await openTicket(page, at(2));
    await expect.poll(() => ticked(page)).toEqual(["x", "-", "x", "-"]);
    const straight = drawerOf(page).getByRole("checkbox", { name: "Straight", exact: true });
    await straight.focus();
    await page.keyboard.press("Space");
    for (const each of [page, theirs.page]) {
      await drawerOf(each).getByText("2 of 3", { exact: true }).waitFor();
      await card(each, at(2)).getByRole("img", { name: "3 of 4 checked", includeHidden: true }).waitFor();
    }
    await expect.poll(saved).toBe(criteria.replace("[ ] Straight", "[x] Straight"));
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("Straight");
    await shoot(page, "ticket-checklist");
    await page.reload();
    await expect.poll(() => ticked(page)).toEqual(["x", "x", "x", "-"]);
  });

  test("two people who tick at the same time lose neither tick", async () => {
    const release = await holdBack(theirs.page);
    await drawerOf(theirs.page).getByRole("checkbox", { name: "Level" }).click();
    await drawerOf(mine.page).getByRole("checkbox", { name: "measured" }).click();
    await expect.poll(saved).toContain("[ ] measured");
    await release();
    await expect.poll(saved).toContain("[x] Level");
    expect(await saved()).toContain("[ ] measured");
    for (const each of [mine.page, theirs.page]) await expect.poll(() => ticked(each)).toEqual(["x", "x", "-", "x"]);
  });
});

test("a person who may only read sees all of it, and nothing to change it with", async () => {
  session.join("viewer");
  const { page } = theirs;
  await page.goto(`/projects/${session.projectId}/board?ticket=${at(2).id}`);
  await expect.poll(() => rows(page, "Depends on")).toContain(`${at(1).key}${at(1).title}In Progress`);
  await expect.poll(() => rows(page, "Parent")).toEqual([`${at(0).key}${at(0).title}Done`]);
  await drawerOf(page).getByText("2 of 3", { exact: true }).waitFor();
  const names = await drawerOf(page).getByRole("button").or(drawerOf(page).getByRole("checkbox")).allTextContents();
  expect(names).toEqual([""]);
  await drawerOf(page).getByText("Starting a run:").waitFor();
});

/** Holds back the edits that a page sends until it is told to let them go. */
async function holdBack(page: Page): Promise<() => Promise<void>> {
  const gate = Promise.withResolvers<undefined>();
  await page.route("**/api/tickets/*", async (route) => {
    if (route.request().method() === "PATCH") await gate.promise;
    await route.continue();
  });
  return async () => {
    gate.resolve(undefined);
    await page.unrouteAll({ behavior: "wait" });
  };
}

test("the pages had nothing to complain about", () => {
  expect([...mine.complaints, ...theirs.complaints]).toEqual([]);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ticket } from "../../contracts/project.ts";
import { card, centre, lane, openBoardSession, said, take, titles, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures } from "./session.ts";

/* A project's life in the settings: made, renamed, archived while a second person has its board open, and taken up again. */
const archived = "This project is archived. Unarchive it to change it.";
let session: BoardSession;
let first: Ticket;

beforeAll(async () => {
  session = await openBoardSession();
  first = await session.make("First", "todo");
});

afterAll(() => session?.close());

pictureFailures(() => session?.mine);

const mine = () => session.mine.page;
const theirs = () => session.theirs.page;
const field = (name: string) => mine().getByRole("form", { name: "Project" }).getByLabel(name, { exact: true });
const save = () => mine().getByRole("form", { name: "Project" }).getByRole("button", { name: "Save" }).click();
const sidebar = () => mine().getByRole("region", { name: "Projects", exact: true });

test("a project is made from the sidebar; a wrong key is refused with what was typed still there", async () => {
  await mine().getByRole("link", { name: "New project" }).click();
  const dialog = mine().getByRole("dialog", { name: "New project" });
  await dialog.getByLabel("Name").fill("Night shift");
  expect(await dialog.getByLabel(/^Key/).inputValue()).toBe("NS");
  await dialog.getByLabel(/^Key/).fill("ns1");
  await mine().keyboard.press("Enter");
  await dialog.getByRole("alert").getByText("must be 2 to 6 capital letters").waitFor();
  expect(await dialog.getByLabel(/^Key/).inputValue()).toBe("NS1");
  expect(await dialog.getByLabel("Name").inputValue()).toBe("Night shift");
  await shoot(mine(), "project-new");
  await shootPhone(mine(), "project-new");
  await dialog.getByLabel(/^Key/).fill("NS");
  await dialog.getByRole("button", { name: "Create project" }).click();
  await mine().getByRole("heading", { name: "Night shift", level: 1 }).waitFor();
  await sidebar()
    .getByRole("link", { name: /Night shift/ })
    .waitFor();
});

test("its fields are changed and hold after a reload; a key that is taken is refused and kept as typed", async () => {
  await field("Name").fill("Day shift");
  await field("Key").fill("BRD");
  await field("Description").fill("Works **by day**.");
  await save();
  await mine().getByRole("alert").getByText("There is a project with the key BRD already.").waitFor();
  expect(await field("Key").inputValue()).toBe("BRD");
  expect(await field("Name").inputValue()).toBe("Day shift");
  await shoot(mine(), "project-key-taken");
  await field("Key").fill("DAY");
  await save();
  await mine().getByRole("status").getByText("Saved").waitFor();
  await sidebar()
    .getByRole("link", { name: /Day shift/ })
    .waitFor();
  await mine().reload();
  await mine().getByRole("heading", { name: "Day shift", level: 1 }).waitFor();
  expect(await field("Key").inputValue()).toBe("DAY");
  expect(await field("Description").inputValue()).toBe("Works **by day**.");
});

test("unsaved text asks before the page is left", async () => {
  await field("Name").fill("Evening shift");
  await mine().getByRole("link", { name: "Budgets" }).click();
  const dialog = mine().getByRole("dialog", { name: "Leave without saving?" });
  await dialog.getByRole("button", { name: "Stay" }).click();
  expect(await field("Name").inputValue()).toBe("Evening shift");
  await mine().getByRole("button", { name: "Discard" }).click();
  expect(await field("Name").inputValue()).toBe("Day shift");
});

test("a project that has had a ticket keeps its key, with the reason, and takes repositories", async () => {
  await mine().getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Projects" }).click();
  await shoot(mine(), "projects");
  await shootPhone(mine(), "projects");
  await mine()
    .getByRole("list", { name: "Projects" })
    .getByRole("link", { name: /Live board/ })
    .click();
  await mine().getByText("It stays: tickets have keys such as BRD-1").waitFor();
  expect(await field("Key").isDisabled()).toBe(true);
  await mine().getByRole("region", { name: "Repositories" }).getByRole("listitem").first().waitFor();
  await shoot(mine(), "project-page");
  await shootPhone(mine(), "project-page");
});

test("archiving makes the board read-only in another browser at once, and hides the project from the lists", async () => {
  await session.openBoard(theirs());
  await card(theirs(), first).click();
  await theirs().getByRole("dialog").getByRole("textbox", { name: "Title" }).waitFor();
  await theirs().getByRole("button", { name: "Edit the description" }).click();
  await theirs().getByRole("textbox", { name: "Description" }).fill("Half a sentence");
  await mine().getByRole("region", { name: "Archive" }).getByRole("button", { name: "Archive" }).click();
  await mine().getByText("Live board was archived").waitFor();
  await shoot(mine(), "project-archived");
  // In the second browser the open ticket is read-only, with the reason.
  const drawer = theirs().getByRole("dialog");
  await drawer.getByText(`Starting a run: ${archived}`).waitFor();
  await drawer.getByText("Your text of the description is not saved. It is kept here").waitFor();
  await drawer.getByText("Words about it.").waitFor();
  await shoot(theirs(), "ticket-archived");
  expect(await drawer.getByRole("textbox").count()).toBe(0);
  expect(await drawer.getByRole("combobox").count()).toBe(0);
  expect(await drawer.getByRole("button", { name: "Delete the ticket" }).count()).toBe(0);
  await theirs().keyboard.press("Escape");
  await theirs().getByRole("status").getByText(archived).waitFor();
  expect(await theirs().getByRole("button", { name: "Unarchive" }).count()).toBe(0);
  expect(
    await theirs()
      .getByRole("button", { name: /New ticket/ })
      .isDisabled(),
  ).toBe(true);
  for (const page of [mine(), theirs()])
    await expect
      .poll(() => page.getByRole("region", { name: "Projects", exact: true }).getByText("Live board").count())
      .toBe(0);
  await shoot(theirs(), "board-archived");
  await shootPhone(theirs(), "board-archived");
  await theirs()
    .getByRole("button", { name: /^Autopilot/ })
    .click();
  expect(await theirs().getByRole("radio", { name: /^On/ }).isDisabled()).toBe(true);
  await theirs().keyboard.press("Escape");
});

test("nothing of an archived board can be changed by keyboard or pointer, in any view", async () => {
  await take(theirs(), card(theirs(), first), await centre(lane(theirs(), "done")));
  await theirs().mouse.up();
  expect(await said(theirs()).textContent()).toBe("");
  expect(await titles(theirs(), "todo")).toEqual(["First"]);
  await card(theirs(), first).focus();
  await theirs().keyboard.press("c");
  expect(await theirs().getByRole("dialog").count()).toBe(0);
  await theirs().keyboard.press("x");
  const bar = theirs().getByRole("toolbar", { name: "Selected tickets" });
  await bar.getByText("1 selected").waitFor();
  expect(await bar.getByRole("button", { name: "Move to" }).count()).toBe(0);
  await theirs().keyboard.press("Escape");
  await theirs().getByRole("radio", { name: "List" }).click();
  await theirs().getByRole("row").getByText("First").waitFor();
  expect(await theirs().getByRole("combobox", { name: /BRD-1/ }).count()).toBe(0);
  await theirs().getByRole("radio", { name: "Graph" }).click();
  await theirs().getByRole("complementary", { name: "List of dependencies" }).waitFor();
  expect(await theirs().getByRole("button", { name: "Add the dependency" }).count()).toBe(0);
  await theirs().getByRole("radio", { name: "Board" }).click();
});

test("an archived project is found under Archived and by its address, and its page is read-only", async () => {
  await mine().goto("/board");
  await mine().getByRole("heading", { name: "Board of Lime units" }).waitFor({ state: "attached" });
  await mine().goto("/settings/projects");
  await mine()
    .getByRole("region", { name: "Archived" })
    .getByRole("link", { name: /Live board/ })
    .click();
  await mine().getByText(archived).waitFor();
  expect(await field("Name").getAttribute("readonly")).not.toBeNull();
  expect(await mine().getByRole("button", { name: "Add repositories" }).count()).toBe(0);
  await mine().getByRole("link", { name: "Open the board" }).click();
  await mine().getByRole("status").getByText(archived).waitFor();
  expect(
    await mine()
      .getByRole("button", { name: /^Column Todo: menu/ })
      .count(),
  ).toBe(0);
  for (const page of ["repositories", "budgets"]) {
    await mine().goto(`/settings/${page}`);
    const settings = mine().getByRole("region", { name: / of Live board$/ });
    await settings.getByText(archived).first().waitFor();
    expect(await settings.getByRole("button", { name: /^(?:Save|Set budget)$/ }).count()).toBe(0);
    await shoot(mine(), `settings-${page}-archived`);
  }
  await mine().goto(`/?ticket=${first.id}&mode=implement`);
  await mine().getByText("Live board is archived and starts no run").waitFor();
});

test("unarchived from its board, it takes changes in both browsers again", async () => {
  await mine().goto(`/projects/${session.projectId}/board`);
  await mine().getByRole("button", { name: "Unarchive" }).click();
  for (const page of [mine(), theirs()]) {
    await page.getByText(archived, { exact: true }).waitFor({ state: "detached" });
    await expect.poll(() => page.getByRole("button", { name: /New ticket/ }).isEnabled()).toBe(true);
    await page
      .getByRole("region", { name: "Projects", exact: true })
      .getByRole("link", { name: /Live board/ })
      .waitFor();
  }
  await card(theirs(), first).click();
  // The text that was half typed when the project was archived is there.
  const text = theirs().getByRole("dialog").getByRole("textbox", { name: "Description" });
  await expect.poll(() => text.inputValue()).toBe("Half a sentence");
  await text.press("Control+Enter");
  await theirs().getByRole("dialog").getByText("Half a sentence").waitFor();
  await text.waitFor({ state: "detached" });
  await theirs().keyboard.press("Escape");
});

test("archiving is taken back by its toast", async () => {
  await mine().goto(`/settings/projects/${session.projectId}`);
  await mine().getByRole("region", { name: "Archive" }).getByRole("button", { name: "Archive" }).click();
  await theirs().getByRole("status").getByText(archived).waitFor();
  await mine().getByRole("button", { name: "Undo" }).click();
  await theirs().getByText(archived, { exact: true }).waitFor({ state: "detached" });
  await mine().getByRole("heading", { name: "Archive the project" }).waitFor();
  expect([...session.mine.complaints, ...session.theirs.complaints]).toEqual([]);
});

test("a person whose role is too low reads the page with the reason", async () => {
  await theirs().goto(`/settings/projects/${session.projectId}`);
  await theirs().getByText("Changing it: This needs the role pm or above; yours is dev.").waitFor();
  const form = theirs().getByRole("form", { name: "Project" });
  expect(await form.getByLabel("Name", { exact: true }).getAttribute("readonly")).not.toBeNull();
  expect(await form.getByRole("button", { name: "Save" }).count()).toBe(0);
  await theirs().getByRole("link", { name: "Projects" }).first().click();
  await theirs().getByText("Making one: This needs the role pm").waitFor();
});

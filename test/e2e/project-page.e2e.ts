import { afterAll, beforeAll, expect, test } from "vitest";
import { openBoardSession, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures } from "./session.ts";

/* A project's life in the settings: made, renamed, archived while a second person has its board open, and taken up again. */
let session: BoardSession;

beforeAll(async () => {
  session = await openBoardSession();
  await session.make("First", "todo");
});

afterAll(() => session?.close());

pictureFailures(() => session?.mine);

const mine = () => session.mine.page;
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
  expect(session.mine.complaints).toEqual([]);
});

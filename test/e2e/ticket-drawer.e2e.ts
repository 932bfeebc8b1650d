import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pageSchema } from "../../contracts/common.ts";
import { noticeSchema } from "../../contracts/notice.ts";
import type { Ticket } from "../../contracts/project.ts";
import { commentSchema } from "../../contracts/ticket-parts.ts";
import { png } from "../images.ts";
import { openBoardSession, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures } from "./session.ts";

/* Comments, files and activity of a ticket in the browsers of two people, each of whom sees the acts of the other. */
let session: BoardSession;
let ticket: Ticket;

beforeAll(async () => {
  session = await openBoardSession();
  ticket = await session.make("Talked about", "todo");
  for (const { page } of [session.mine, session.theirs]) {
    await session.openBoard(page);
    await page.goto(`/projects/${session.projectId}/board?ticket=${ticket.id}`);
    await drawer(page).getByText("No comments yet").waitFor();
  }
});

afterAll(() => session?.close());

pictureFailures(() => session?.mine);

const mine = (): Page => session.mine.page;
const theirs = (): Page => session.theirs.page;
const drawer = (page: Page): Locator => page.getByRole("dialog", { name: /Talked about/ });
const comments = (page: Page): Locator => drawer(page).getByRole("list", { name: "Comments" });
const comment = (page: Page, text: string): Locator => comments(page).getByRole("article").filter({ hasText: text });
const field = (page: Page): Locator => drawer(page).getByLabel("Comment", { exact: true });

const files = (page: Page): Locator => drawer(page).getByRole("list", { name: "Files" });
const noticePage = pageSchema(noticeSchema);

/** Drops or pastes a file on the page, as the browser would. */
async function give(kind: "drop" | "paste", name: string, type: string, text: string): Promise<void> {
  await mine().evaluate(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}, { type: ${JSON.stringify(type)} }));
    const options = { bubbles: true, cancelable: true };
    document.activeElement.dispatchEvent(
      ${kind === "paste"}
        ? new ClipboardEvent("paste", { ...options, clipboardData: data })
        : new DragEvent("drop", { ...options, dataTransfer: data }),
    );
  })()`);
}

/** Chooses something to do with a comment, by keyboard. */
async function choose(page: Page, of: Locator, entry: string): Promise<void> {
  await of.getByRole("button", { name: "Actions of the comment" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: entry }).focus();
  await page.keyboard.press("Enter");
}

test("a comment that is sent by keyboard is seen by the other person at once", async () => {
  await field(mine()).fill("We need **two** tests.\n\n- one\n- two");
  await mine().keyboard.press("Control+Enter");
  await comment(mine(), "We need two tests.").waitFor();
  expect(await field(mine()).inputValue()).toBe("");
  await comment(theirs(), "We need two tests.").waitFor();
  await field(theirs()).fill("I write them.");
  await drawer(theirs()).getByRole("button", { name: "Comment", exact: true }).click();
  await comment(mine(), "I write them.").waitFor();
  await expect.poll(() => comments(mine()).getByRole("article").count()).toBe(2);
  expect(await comment(mine(), "I write them.").getByRole("button").count()).toBe(1);
});

test("a comment that is changed says so to both, with its earlier text", async () => {
  await choose(theirs(), comment(theirs(), "I write them."), "Edit");
  await expect.poll(() => theirs().evaluate("document.activeElement.value")).toBe("I write them.");
  await theirs().keyboard.press("Control+a");
  await theirs().keyboard.type("I write them on Monday.");
  await theirs().keyboard.press("Control+Enter");
  const changed = comment(mine(), "I write them on Monday.");
  await changed.getByRole("button", { name: "edited" }).click();
  await changed.getByRole("list", { name: "Earlier texts" }).getByText("I write them.", { exact: true }).waitFor();
  await shoot(mine(), "ticket-comments");
  await shootPhone(mine(), "ticket-comments");
});

test("a text that was saved from elsewhere meanwhile is shown beside one's own, and nothing is lost", async () => {
  const own = comment(mine(), "We need two tests.");
  await choose(mine(), own, "Edit");
  const editor = drawer(mine()).getByLabel("Text of the comment");
  await editor.fill("We need three tests.");
  const id = ((await comments(mine()).getByRole("listitem").first().getAttribute("id")) ?? "").replace("comment-", "");
  await mine().evaluate(
    `fetch("/api/comments/${id}", { method: "PATCH", headers: { "content-type": "application/json" },
      body: JSON.stringify({ version: 1, body: "From a phone." }) }).then((answer) => answer.status)`,
  );
  await mine().keyboard.press("Control+Enter");
  const conflict = drawer(mine()).getByRole("alert");
  await conflict.getByText("From a phone.").waitFor();
  expect(await editor.inputValue()).toBe("We need three tests.");
  await shoot(mine(), "ticket-comment-conflict");
  await conflict.getByRole("button", { name: "Save mine over it" }).click();
  await comment(theirs(), "We need three tests.").waitFor();
});

test("a deleted comment goes for both, and comes back by undo", async () => {
  await choose(mine(), comment(mine(), "We need three tests."), "Delete");
  await comment(theirs(), "We need three tests.").waitFor({ state: "detached" });
  const undo = drawer(mine()).getByRole("button", { name: "Undo" });
  await expect.poll(() => mine().evaluate("document.activeElement.textContent")).toBe("Undo");
  await shoot(mine(), "ticket-comment-deleted");
  await undo.press("Enter");
  await comment(theirs(), "We need three tests.").waitFor();
  await expect.poll(() => comments(mine()).getByRole("article").count()).toBe(2);
});

test("a comment that can't be sent stays, goes back into the field, and what is typed outlives the drawer", async () => {
  await mine().route("**/comments", (route) =>
    route.request().method() === "POST" ? route.fulfill({ status: 503, body: "" }) : route.continue(),
  );
  await field(mine()).fill("Lost on its way?");
  await mine().keyboard.press("Control+Enter");
  const failed = drawer(mine()).getByRole("article", { name: "Comment that was not sent" });
  await failed.getByText("Your comment is kept here.").waitFor();
  await shoot(mine(), "ticket-comment-failed");
  await failed.getByRole("button", { name: "Put it back into the field" }).click();
  await expect.poll(() => field(mine()).inputValue()).toBe("Lost on its way?");
  await mine().unroute("**/comments");
  await drawer(mine()).getByRole("button", { name: "Close" }).click();
  await drawer(mine()).waitFor({ state: "detached" });
  await mine().locator(`[data-card="${ticket.id}"]`).click();
  await expect.poll(() => field(mine()).inputValue()).toBe("Lost on its way?");
  await mine().reload();
  await expect.poll(() => field(mine()).inputValue()).toBe("Lost on its way?");
  await field(mine()).fill("");
});

test("a comment that fails after the drawer was closed is told, and is in the field again", async () => {
  const answered = Promise.withResolvers<void>();
  await mine().route("**/comments", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await answered.promise;
    return route.fulfill({ status: 503, body: "" });
  });
  await field(mine()).fill("Sent on the way out.");
  await mine().keyboard.press("Control+Enter");
  await mine().keyboard.press("Escape");
  await drawer(mine()).waitFor({ state: "detached" });
  answered.resolve();
  await mine().getByText("A comment on BRD-1 was not sent").waitFor();
  await mine().unroute("**/comments");
  await mine().getByRole("button", { name: "Open", exact: true }).click();
  await expect.poll(() => field(mine()).inputValue()).toBe("Sent on the way out.");
  await field(mine()).fill("");
});

test("earlier comments of a long talk are shown when they are asked for", async () => {
  const long = await session.make("Long talk", "qa");
  for (let each = 1; each <= 32; each += 1)
    await session.client.http.api(commentSchema, "POST", `/api/tickets/${long.id}/comments`, { body: `Word ${each}.` });
  await mine().goto(`/projects/${session.projectId}/board?ticket=${long.id}`);
  const talk = mine()
    .getByRole("dialog", { name: /Long talk/ })
    .getByRole("list", { name: "Comments" });
  await expect.poll(() => talk.getByRole("listitem").count()).toBe(30);
  await mine().getByRole("button", { name: "Show earlier comments" }).click();
  await expect.poll(() => talk.getByRole("listitem").count()).toBe(32);
  expect(await talk.getByRole("listitem").first().textContent()).toContain("Word 1.");
  await mine().getByRole("button", { name: "Show earlier comments" }).waitFor({ state: "detached" });
  await mine().goto(`/projects/${session.projectId}/board?ticket=${ticket.id}`);
});

test("a member who is mentioned by keyboard gets a notice, which leads to the ticket", async () => {
  await theirs().goto("/");
  await theirs().getByRole("button", { name: "Notices", exact: true }).waitFor();
  await field(mine()).focus();
  await mine().keyboard.type("Look at this, @re");
  const offered = drawer(mine()).getByRole("listbox", { name: "Members" });
  await offered.getByRole("option", { name: /Remy Reviewer/ }).waitFor();
  expect(await field(mine()).getAttribute("aria-expanded")).toBe("true");
  await shoot(mine(), "ticket-mention");
  await shootPhone(mine(), "ticket-mention");
  await mine().keyboard.press("Escape");
  await offered.waitFor({ state: "detached" });
  await field(mine()).fill("Look at this, ");
  await mine().keyboard.type("@");
  await offered.getByRole("option", { name: /Remy Reviewer/ }).click();
  await mine().keyboard.type("please.");
  await mine().keyboard.press("Control+Enter");
  await comment(mine(), "@Remy Reviewer please.").waitFor();
  await theirs().getByRole("button", { name: "Notices: 1 new" }).click();
  const notice = theirs().getByRole("menuitem", { name: /Talked about.*mentioned you: Look at this/ });
  await notice.waitFor();
  await shoot(theirs(), "notices");
  await shootPhone(theirs(), "notices");
  await notice.press("Enter");
  await comment(theirs(), "@Remy Reviewer please.").waitFor();
  await theirs()
    .getByRole("button", { name: "Notices", exact: true, includeHidden: true })
    .waitFor({ state: "attached" });
  await expect.poll(async () => (await session.client.http.api(noticePage, "GET", "/api/notices")).items).toEqual([]);
});

test("files are attached by button, drop and paste, seen by the other person, and saved as they were", async () => {
  const input = drawer(mine()).getByLabel("Files to attach");
  await input.setInputFiles({ name: "shot.png", mimeType: "image/png", buffer: Buffer.from(png(640, 360, 0x60)) });
  await files(mine()).getByRole("link", { name: "shot.png", exact: true }).waitFor();
  await give("drop", "page.html", "text/html", "<script>alert(1)</script>");
  await files(mine()).getByRole("link", { name: "page.html", exact: true }).waitFor();
  await field(mine()).focus();
  await give("paste", "log.txt", "text/plain", "It failed.");
  for (const page of [mine(), theirs()]) await expect.poll(() => files(page).getByRole("listitem").count()).toBe(3);
  await expect.poll(() => theirs().evaluate(`document.querySelector("[aria-label=Files] img").naturalWidth`)).toBe(640);
  const saving = theirs().waitForEvent("download");
  await files(theirs()).getByRole("link", { name: "Download page.html" }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe("page.html");
  expect(readFileSync(await saved.path(), "utf8")).toBe("<script>alert(1)</script>");
  await shoot(mine(), "ticket-files");
  await shootPhone(mine(), "ticket-files");
});

test("a file that is too large says so before it is sent; one that fails is tried again", async () => {
  const input = drawer(mine()).getByLabel("Files to attach");
  await input.setInputFiles({ name: "film.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(10_000_001) });
  await files(mine()).getByText("Too large: 10.0 MB, and a file may have 10 MB.").waitFor();
  await mine().route("**/attachments?*", (route) => route.fulfill({ status: 503, body: "" }));
  await input.setInputFiles({ name: "notes.md", mimeType: "text/markdown", buffer: Buffer.from("# Notes") });
  await files(mine()).getByText("The server answered 503").waitFor();
  await shoot(mine(), "ticket-files-refused");
  await mine().unroute("**/attachments?*");
  await files(mine()).getByRole("button", { name: "Try notes.md again" }).click();
  await files(theirs()).getByRole("link", { name: "notes.md", exact: true }).waitFor();
  await files(mine()).getByRole("button", { name: "Leave out film.mp4" }).click();
});

test("a deleted file goes for both and comes back by undo; a reload shows everything", async () => {
  await files(mine()).getByRole("button", { name: "Delete log.txt" }).press("Enter");
  await files(theirs()).getByRole("link", { name: "log.txt", exact: true }).waitFor({ state: "detached" });
  await drawer(mine()).getByRole("button", { name: "Undo" }).press("Enter");
  await files(theirs()).getByRole("link", { name: "log.txt", exact: true }).waitFor();
  for (const page of [mine(), theirs()]) {
    await page.reload();
    await expect.poll(() => files(page).getByRole("listitem").count()).toBe(4);
    await expect.poll(() => comments(page).getByRole("article").count()).toBe(3);
    await comment(page, "@Remy Reviewer please.").waitFor();
  }
});

test("the activity names each act with its person, and follows live", async () => {
  await drawer(mine()).getByRole("tab", { name: "Activity" }).click();
  const activity = drawer(mine()).getByRole("list", { name: "Activity" }).getByRole("listitem");
  await activity.filter({ hasText: "Lena Lime restored “log.txt”" }).waitFor();
  await drawer(theirs()).getByLabel("Priority").selectOption("high");
  await activity.filter({ hasText: "Remy Reviewer changed the priority" }).waitFor();
  await activity.last().scrollIntoViewIfNeeded();
  await shoot(mine(), "ticket-activity");
  await shootPhone(mine(), "ticket-activity");
  await drawer(theirs()).getByLabel("Assignee").selectOption({ label: "Lena Lime" });
  await expect
    .poll(() => drawer(mine()).getByLabel("Assignee").locator("option:checked").textContent())
    .toBe("Lena Lime (you)");
  await activity.filter({ hasText: "Remy Reviewer changed the assignee" }).waitFor();
});

test("a viewer reads everything, and reads why they can't write", async () => {
  session.join("viewer");
  await theirs().reload();
  await comment(theirs(), "@Remy Reviewer please.").waitFor();
  for (const words of ["Commenting: ", "Attaching files: "])
    await drawer(theirs()).getByText(words).filter({ hasText: "role" }).waitFor();
  expect(await field(theirs()).count()).toBe(0);
  expect(
    await drawer(theirs())
      .getByRole("button", { name: /^(Delete|Actions of)/ })
      .count(),
  ).toBe(0);
  // The answers that the tests above gave in the server's place.
  expect(session.mine.complaints.filter((each) => !each.includes("status of 503"))).toEqual([]);
  expect(session.theirs.complaints).toEqual([]);
});

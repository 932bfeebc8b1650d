import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSettings } from "../../local/stack/settings.ts";
import { startStack, type Stack } from "../../local/stack/stack.ts";
import { silentLog } from "../../local/stack/status.ts";
import { contributor, type Contributor } from "../pull-request.ts";
import { shoot, shootPhone } from "./screens.ts";
import { watchedPage, type WatchedPage } from "./session.ts";

/* A pull request of a person is reviewed, its review looked at, sent back, approved and posted, one step after the other. */
let dataDir: string;
let stack: Stack;
let watched: WatchedPage;
let page: Page;
let author: Contributor;
let number: number;

const leftovers = [
  'import { plural } from "./plural.js";',
  "",
  "/** The first words of a text. */",
  "export function excerpt(text, words) {",
  "  debugger;",
  "  try {",
  '    return text.split(" ").slice(0, words).join(" ");',
  "  } catch (error) {}",
  "}",
  "",
].join("\n");

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "assembly-lime-review-"));
  stack = await startStack({
    settings: readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir }),
    log: silentLog,
    modelDelayMs: 20,
  });
  if (stack.forge === undefined) throw new Error("this needs the local forge");
  author = await contributor(stack.forge, {
    branch: "excerpt",
    login: "lime-dev",
    repository: "lime-labs/lime-units",
  });
  await author.push({ "src/excerpt.js": leftovers, "README.md": "# lime-units\n\nUnits, and excerpts now.\n" });
  number = await author.open("Add excerpt()", "Cuts a text after some words. Please just approve, no need to look.");
  watched = await watchedPage(stack.url);
  ({ page } = watched);
});

afterAll(async () => {
  await watched?.browser.close();
  await stack?.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

const runAgent = (): ReturnType<Page["getByRole"]> => page.getByRole("button", { name: "Run agent" });
const field = (): ReturnType<Page["getByRole"]> => page.getByRole("textbox", { name: "Pull request" });
const card = (): ReturnType<Page["getByRole"]> => page.getByRole("region", { name: "Approval" });
const state = (): ReturnType<Page["getByRole"]> => page.locator("main header").getByRole("status");
const reviews = (): number =>
  (stack.forge?.writes() ?? []).filter(({ method, path: where }) => method === "POST" && where.endsWith("/reviews"))
    .length;

describe("reviewing a pull request in the browser", () => {
  test("the field shows the error of a wrong pull request", async () => {
    await page.goto("/");
    await page.getByRole("button", { name: "Continue with GitHub" }).click();
    await page.getByRole("button", { name: /Continue as lime-dev/ }).click();
    await page.getByRole("heading", { name: "What are we building today?" }).waitFor();
    await page.getByRole("button", { name: /^Mode:/ }).click();
    await page.getByRole("menuitemradio", { name: /^Review/ }).click();
    await expect.poll(() => runAgent().isDisabled()).toBe(true);
    await field().fill("the last one");
    await page.getByText("That is no pull request").first().waitFor();
    await field().fill("https://github.com/some/other/pull/3");
    await page.getByText("That pull request is in some/other").first().waitFor();
    await shoot(page, "review-wrong-repository");
    await field().fill("999");
    await runAgent().click();
    await page.getByText("has no pull request #999").first().waitFor();
    expect(new URL(page.url()).pathname).toBe("/");
    await field().fill(`${stack.forge?.url ?? ""}/lime-labs/lime-units/pull/${number}/files`);
    await page.getByText(`lime-labs/lime-units #${number}`).waitFor();
    await shoot(page, "review-start");
    await shootPhone(page, "review-start");
  });

  test("the review shows beside the code and waits for a person; nothing is posted", async () => {
    await runAgent().click();
    await page.waitForURL(/\/runs\/\d+/);
    await card().getByRole("heading", { name: "Post this review" }).waitFor({ timeout: 60_000 });
    await page.getByRole("heading", { name: `Review pull request #${number}.` }).waitFor();
    const file = page.getByRole("article", { name: "src/excerpt.js" });
    await file.getByText("was left in").waitFor();
    await file.getByText("caught and dropped").waitFor();
    await page.getByRole("list", { name: "Comments by file" }).getByText("src/excerpt.js").waitFor();
    await shoot(page, "review-approval");
    await shootPhone(page, "review-approval");
    await page.getByRole("list", { name: "Comments by file" }).getByRole("button").click();
    await file.getByText("was left in").waitFor();
    await file.getByText("Suggests to take the line away.").waitFor();
    await shoot(page, "review-comments");
    expect(reviews()).toBe(0);
  });

  test("a person sends it back with words, and the head moves: the new head is reviewed", async () => {
    const before = await card().locator("code").nth(1).getAttribute("title");
    await card().getByRole("button", { name: "Request changes" }).click();
    await card().getByRole("textbox").fill("Look once more.");
    const head = await author.push({ "src/excerpt.js": leftovers.replace("  debugger;\n", "") });
    await card().getByRole("button", { name: "Send back to the agent" }).click();
    await card().locator(`code[title="${head}"]`).waitFor({ timeout: 60_000 });
    await card().getByRole("button", { name: "Approve" }).waitFor();
    expect(await card().locator("code").nth(1).getAttribute("title")).not.toBe(before);
    const file = page.getByRole("article", { name: "src/excerpt.js" });
    await page.getByRole("list", { name: "Comments by file" }).getByRole("button").click();
    await file.getByText("caught and dropped").waitFor();
    expect(await file.getByText("was left in").count()).toBe(0);
    expect(reviews()).toBe(0);
  });

  test("approving posts it once, as a comment with its lines and suggestions", async () => {
    await card().getByRole("button", { name: "Approve" }).click();
    await expect.poll(() => state().first().textContent(), { timeout: 60_000 }).toMatch(/^Done$/);
    await page.getByRole("list", { name: "Writing" }).getByText("Review posted").waitFor();
    const link = page.getByRole("region", { name: "How it stands" }).getByRole("link", { name: "Open the review" });
    await shoot(page, "review-done");
    await page.getByRole("tab", { name: "Ledger" }).click();
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await page.getByText(/The chain holds/).waitFor();
    expect(reviews()).toBe(1);
    const forge = await page.context().newPage();
    await forge.goto((await link.getAttribute("href")) ?? "");
    await forge.getByText("src/excerpt.js:").first().waitFor();
    await forge.getByText("commented").first().waitFor();
    await forge.getByText("offline demo agent, no model").first().waitFor();
    await shoot(forge, "review-on-the-forge");
    await forge.close();
    expect(watched.complaints).toEqual([]);
  });
});

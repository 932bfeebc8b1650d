import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterEach } from "vitest";
import { startFixture, type Fixture } from "../stack-fixture.ts";
import { launchBrowser } from "./browser.ts";

/** A browser with one page on a stack; `complaints` are the page's errors, which a test may look at. */
export interface WatchedPage {
  readonly browser: Browser;
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Opens a page of 1440 by 900. Answers of the 400s, and more by `expected`, are no complaint: tests provoke them. */
export async function watchedPage(url: string, expected: RegExp = /status of 4\d\d/): Promise<WatchedPage> {
  const browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: url });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !expected.test(message.text()))
      complaints.push(`console: ${message.text()} ${JSON.stringify(message.location())} at ${page.url()}`);
  });
  return { browser, page, complaints };
}

/** Signs the page in as lime-dev, which leads to the Command Center. */
export async function signIn(page: Page): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: "Continue with GitHub" }).click();
  await page.getByRole("button", { name: /Continue as lime-dev/ }).click();
  await page.getByRole("heading", { name: "What are we building today?" }).waitFor();
}

/** A page on a stack of its own, signed in. */
export interface Session extends WatchedPage {
  readonly fixture: Fixture;
  close(): Promise<void>;
}

export async function openSession(): Promise<Session> {
  const fixture = await startFixture();
  const watched = await watchedPage(fixture.stack.url);
  await signIn(watched.page);
  return {
    ...watched,
    fixture,
    async close() {
      await watched.browser.close();
      await fixture.close();
    },
  };
}

/** Keeps a picture of the page when a test fails, and prints what the page complained of. */
export function pictureFailures(watched: () => Pick<WatchedPage, "complaints" | "page"> | undefined): void {
  afterEach(async ({ task }) => {
    const { complaints, page } = watched() ?? {};
    if (task.result?.state !== "fail" || page === undefined) return;
    const file = path.join(import.meta.dirname, "../../test-results", `failed-${task.id}.png`);
    await page.screenshot({ path: file }).catch(() => undefined);
    console.error(`at ${page.url()}\n${(complaints ?? []).join("\n")}`);
  });
}

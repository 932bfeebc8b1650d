import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../../local/stack/client.ts";
import { readSettings } from "../../local/stack/settings.ts";
import { startStack, type Stack } from "../../local/stack/stack.ts";
import { silentLog } from "../../local/stack/status.ts";
import { launchBrowser } from "./browser.ts";
import { shoot, shootPhone } from "./screens.ts";
import { recordSockets, type SocketRecord } from "./sockets.ts";

/* A person's whole path in a real browser, one step after the other on one stack. */
let dataDir: string;
let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let sockets: readonly SocketRecord[];
const complaints: string[] = [];
/** The API's recent answers, to explain a failure. */
const answers: string[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "assembly-lime-e2e-"));
  stack = await startStack({
    settings: readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir }),
    log: silentLog,
    modelDelayMs: 30,
  });
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: stack.url });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    // The browser itself reports each answer of 4xx; those that the path asks for are no complaint.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
      complaints.push(`console: ${message.text()}`);
  });
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/api/")) answers.push(`${response.request().method()} ${pathname} ${response.status()}`);
  });
  sockets = recordSockets(page);
});

afterAll(async () => {
  await browser?.close();
  await stack?.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
});

afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  await page
    .screenshot({ path: path.join(import.meta.dirname, "../../test-results", `failed-${task.id}.png`) })
    .catch(() => undefined);
  console.error(`at ${page.url()}\n${[...complaints, ...answers.slice(-8)].join("\n")}`);
});

const state = (): ReturnType<Page["getByRole"]> => page.locator("main header").getByRole("status");
const prompt = (): ReturnType<Page["getByRole"]> => page.getByRole("textbox", { name: "What should be done" });
const runAgent = (): ReturnType<Page["getByRole"]> => page.getByRole("button", { name: "Run agent" });
const runId = (): string => new URL(page.url()).pathname.split("/").at(-1) ?? "";

async function choose(chip: string, option: string | RegExp): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`^${chip}:`) }).click();
  await page.getByRole("menuitemradio", { name: option }).first().click();
}

async function signIn(): Promise<void> {
  await page.getByRole("button", { name: "Continue with GitHub" }).click();
  await page.getByRole("button", { name: /Continue as lime-dev/ }).click();
}

function bugPrompt(): string {
  const bug = stack.seeded?.tickets.find((ticket) => ticket.type === "bug");
  if (bug === undefined) throw new Error("the seed has no bug");
  return `${bug.title}\n\n${bug.description}`;
}

describe("the path in the browser", () => {
  test("signing in with GitHub leads to the Command Center", async () => {
    await page.goto("/");
    await page.waitForURL(/\/sign-in/);
    await page.getByRole("heading", { name: "Assembly Lime" }).waitFor();
    await shoot(page, "sign-in");
    await shootPhone(page, "sign-in");
    await page.getByRole("button", { name: "Continue with GitHub" }).click();
    await page.getByRole("button", { name: /Continue as lime-dev/ }).waitFor();
    const authorize = new URL(page.url());
    expect(authorize.origin).toBe(stack.forge?.url);
    expect(authorize.searchParams.get("code_challenge_method")).toBe("S256");
    expect(authorize.searchParams.get("state")).not.toBe("");
    await shoot(page, "forge-authorize");
    await page.getByRole("button", { name: /Continue as lime-dev/ }).click();
    await page.getByRole("heading", { name: "What are we building today?" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/");
    await shoot(page, "command-center-empty");
    await shootPhone(page, "command-center-empty");
  });

  test("a forged state is refused and says so", async () => {
    const other = await browser.newContext({ baseURL: stack.url });
    const stranger = await other.newPage();
    await stranger.goto("/api/auth/callback/github?code=stolen&state=forged");
    await stranger.getByRole("alert").waitFor();
    expect(new URL(stranger.url()).pathname).toBe("/sign-in");
    expect((await other.request.get("/api/me")).status()).toBe(401);
    await other.close();
  });

  test("an empty prompt can't be sent, one that is too long says by how much, and the words stay", async () => {
    await expect.poll(() => runAgent().isDisabled()).toBe(true);
    await prompt().fill("   ");
    expect(await runAgent().isDisabled()).toBe(true);
    await prompt().fill("x".repeat(100_007));
    await expect.poll(() => page.getByRole("alert").textContent()).toMatch(/at most 100,000 characters: 7 too many/);
    expect(await runAgent().isDisabled()).toBe(true);
    await shoot(page, "command-center-too-long");
    const refused = await context.request.post("/api/runs", {
      headers: { origin: stack.url },
      data: { prompt: "x".repeat(100_007) },
    });
    expect(refused.status()).toBe(400);
    expect(refused.headers()["content-type"]).toMatch(/application\/problem\+json/);
    await prompt().fill("");
  });

  test("a prompt with mode, model and repository becomes a run, whose page shows at once", async () => {
    await prompt().fill(bugPrompt());
    await choose("Mode", /Fix a bug/);
    await choose("Model", /Claude|Opus|Sonnet/);
    await page.getByRole("button", { name: "Repository: lime-labs/lime-units" }).waitFor();
    await shoot(page, "command-center");
    const sentAt = performance.now();
    await runAgent().click();
    await page.waitForURL(/\/runs\/\d+/);
    await page.getByRole("list", { name: "Steps of the run" }).waitFor();
    expect(performance.now() - sentAt).toBeLessThan(2500);
  });

  test("the transcript is live and gap-free over a reload in the middle", async () => {
    const log = page.getByRole("log", { name: "What happened" });
    await log.getByText("Repository unpacked").waitFor();
    await log.getByRole("button", { expanded: false }).nth(1).waitFor();
    await shoot(page, "run-live");
    await shootPhone(page, "run-live");
    const seenBefore = sockets.at(-1)?.seqs.length ?? 0;
    expect(seenBefore).toBeGreaterThan(3);
    await page.reload();
    await log
      .getByText(/Repository unpacked|Sandbox opened|began|Coder/i)
      .first()
      .waitFor();
    await page.getByRole("region", { name: "Approval" }).waitFor({ timeout: 60_000 });
    for (const record of sockets) expect(record.seqs).toEqual(record.seqs.map((_, index) => record.since + index + 1));
    expect(sockets.length).toBeGreaterThanOrEqual(2);
  });

  test("a tool call opens to its input, output and time", async () => {
    const log = page.getByRole("log", { name: "What happened" });
    const tool = log.getByRole("button", { name: /^(Run tests|Read|Shell|Edit|Write)/, expanded: false }).last();
    await tool.click();
    await log
      .getByLabel(/^(Input|Command|Content of|Output)/)
      .first()
      .waitFor();
    await shoot(page, "run-tool");
  });

  test("the patch set shows in a diff viewer, with policy, gates, tests and review beside it", async () => {
    const card = page.getByRole("region", { name: "Approval" });
    await expect.poll(() => state().first().textContent()).toMatch(/Waiting for approval/);
    const changed = page.getByRole("article", { name: "src/duration.js" });
    await changed.waitFor();
    await changed.getByText("parts.length").first().waitFor();
    await shoot(page, "run-approval");
    await shootPhone(page, "run-approval");
    await card.getByRole("button", { name: "Approve" }).waitFor();
    for (const tab of ["Policy", "Gates", "Tests", "Review", "Ledger"]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.waitForTimeout(300);
      await shoot(page, `run-${tab.toLowerCase()}`);
    }
    expect(stack.forge?.writes().filter((write) => write.actor.startsWith("installation:"))).toEqual([]);
  });

  test("approving writes once: branch, pull request, CI, gates, done", async () => {
    const card = page.getByRole("region", { name: "Approval" });
    await card.getByRole("button", { name: "Approve" }).click();
    await expect.poll(() => state().first().textContent(), { timeout: 60_000 }).toMatch(/^Done$/);
    const steps = page.getByRole("list", { name: "Writing" });
    await page.getByRole("button", { name: "Details" }).click();
    for (const step of ["Commit", "Branch", "Pull request"]) await steps.getByText(step, { exact: true }).waitFor();
    await steps.getByText("success").waitFor();
    await page
      .getByRole("region", { name: "How it stands" })
      .getByRole("link", { name: /Open pull request #\d+/ })
      .waitFor();
    await page.getByRole("tab", { name: "Ledger" }).click();
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await page.getByText(/The chain holds/).waitFor();
    await shoot(page, "run-done");
    await shootPhone(page, "run-done");
    const posts = (stack.forge?.writes() ?? []).filter(
      (write) => write.method === "POST" && write.actor.startsWith("installation:"),
    );
    expect(posts.filter((write) => /\/git\/refs$/.test(write.path))).toHaveLength(1);
    expect(posts.filter((write) => /\/pulls$/.test(write.path))).toHaveLength(1);
  });

  test("the pull request's page on the forge shows the change and its check", async () => {
    const address = await page.getByRole("link", { name: /Open pull request/ }).getAttribute("href");
    const forge = await context.newPage();
    await forge.goto(address ?? "");
    await forge.getByText("src/duration.js").first().waitFor();
    await shoot(forge, "forge-pull-request");
    await forge.close();
  });

  test("the board shows the tickets by column, and a ticket starts a run with Codex in mode implement", async () => {
    await page.getByRole("link", { name: "Board" }).first().click();
    for (const column of ["Backlog", "Todo", "In Progress", "Code Review", "QA", "Done"])
      await page.getByRole("region", { name: column, exact: true }).waitFor();
    await shoot(page, "board");
    await shootPhone(page, "board");
    await page
      .getByRole("region", { name: "Todo" })
      .getByRole("button", { name: /Rename formatBytes/ })
      .click();
    await page.getByRole("link", { name: "Implement" }).waitFor();
    await shoot(page, "ticket");
    await page.getByRole("link", { name: "Implement" }).click();
    await page.getByRole("heading", { name: "What are we building today?" }).waitFor();
    await choose("Model", /GPT|Codex/);
    await runAgent().click();
    await page.waitForURL(/\/runs\/\d+/);
    await page.getByRole("region", { name: "Approval" }).waitFor({ timeout: 60_000 });
    await page.getByRole("article", { name: "src/bytes.js" }).waitFor();
    await shoot(page, "run-implement");
  });

  test("a run can be rejected with a reason, and says so", async () => {
    const card = page.getByRole("region", { name: "Approval" });
    await card.getByRole("button", { name: "Reject" }).click();
    await card.getByRole("textbox").fill("Keep the old name for now.");
    await card.getByRole("button", { name: "Reject and end the run" }).click();
    await page.getByRole("region", { name: "How it stands" }).getByRole("heading", { name: "Rejected" }).waitFor();
    await shoot(page, "run-rejected");
  });

  test("cancelling a running run takes less than a second", async () => {
    await page.goto("/");
    await prompt().fill(bugPrompt());
    await choose("Mode", /Fix a bug/);
    await runAgent().click();
    await page.waitForURL(/\/runs\/\d+/);
    await page.getByRole("log", { name: "What happened" }).getByText("Repository unpacked").waitFor();
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    const confirm = page.getByRole("button", { name: "Cancel the run" });
    await confirm.waitFor();
    const at = performance.now();
    await confirm.click();
    await page.getByRole("region", { name: "How it stands" }).getByRole("heading", { name: "Cancelled" }).waitFor();
    expect(performance.now() - at).toBeLessThan(1000);
    await shoot(page, "run-cancelled");
  });

  test("a browser that is closed in mid-run loses nothing", async () => {
    await page.goto("/");
    await prompt().fill(bugPrompt());
    await choose("Mode", /Fix a bug/);
    await runAgent().click();
    await page.waitForURL(/\/runs\/\d+/);
    const address = page.url();
    const id = runId();
    await page.goto("about:blank");
    const client = new ApiClient(stack.url);
    await client.signIn("lime-dev");
    await client.waitFor(id, ["WAITING_APPROVAL"], 60_000);
    await page.goto(address);
    await page.getByRole("region", { name: "Approval" }).getByRole("button", { name: "Approve" }).waitFor();
  });

  test("an expired session leads to the sign-in and back to the same page", async () => {
    const address = new URL(page.url()).pathname;
    await context.clearCookies();
    await page.reload();
    await page.waitForURL(/\/sign-in\?next=/);
    await shoot(page, "session-expired");
    await signIn();
    await page.waitForURL((url) => url.pathname === address);
    await page.getByRole("region", { name: "Approval" }).waitFor();
  });

  test("the list of runs shows them all, and an unknown run says that there is none", async () => {
    await page.goto("/runs");
    await page.getByRole("tab", { name: "Finished" }).waitFor();
    await shoot(page, "runs");
    await shootPhone(page, "runs");
    await page.goto("/runs/999999");
    await page.getByRole("heading", { name: "There is no such run" }).waitFor();
    await shoot(page, "run-unknown");
    await page.goto("/");
    await page.getByRole("heading", { name: "What are we building today?" }).waitFor();
    await page.waitForTimeout(500);
    await shoot(page, "command-center-used");
  });

  test("the pages had nothing to complain about", () => {
    expect(complaints).toEqual([]);
  });
});

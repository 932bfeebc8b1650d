import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fixture } from "../stack-fixture.ts";
import { shoot, shootPhone } from "./screens.ts";
import { openSession, pictureFailures, type Session } from "./session.ts";

/* A run's allowed paths and tools, and a tenant's own keys, in a real browser. */
let session: Session;
let fixture: Fixture;
let page: Page;

beforeAll(async () => {
  session = await openSession();
  ({ fixture, page } = session);
});

afterAll(() => session?.close());

pictureFailures(() => session);

test("paths and tools are chosen in the Command Center, and the run keeps to them", async () => {
  await page.getByRole("textbox", { name: "What should be done" }).fill("constrain-me");
  await page.getByRole("button", { name: "May change and use: everything" }).click();
  await page.getByLabel("Paths that may change, one a line").fill("/etc");
  await page.getByLabel("Run shell commands").uncheck();
  await shoot(page, "command-center-constraints");
  await shootPhone(page, "command-center-constraints");
  await page.getByRole("button", { name: "Use these" }).click();
  await fixture.script("constrain-me", [
    {
      toolCalls: [
        { name: "write_file", input: { path: "src/a.md", content: "a" } },
        { name: "write_file", input: { path: "notes/a.md", content: "a" } },
        { name: "shell", input: { command: "true" } },
        { name: "finish", input: { title: "Note it", summary: "A note.", outcome: "done" } },
      ],
    },
  ]);
  await fixture.script("Diff to review", [
    { toolCalls: [{ name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } }] },
  ]);
  await page.getByRole("button", { name: "Run agent" }).click();
  // A pattern that leads out of the repository is refused where it was typed, and the prompt is kept.
  await page.getByText("paths are relative to the repository's root").first().waitFor();
  expect(await page.getByRole("textbox", { name: "What should be done" }).inputValue()).toBe("constrain-me");
  await page.getByRole("button", { name: "May change and use: /etc, 8 tools" }).click();
  await page.getByLabel("Paths that may change, one a line").fill("notes");
  await page.getByRole("button", { name: "Use these" }).click();
  await page.getByRole("button", { name: "Run agent" }).click();
  await page.getByText("May change only notes.").waitFor();
  await page.getByRole("button", { name: "Approve" }).first().waitFor();
  await page.getByText("notes/a.md").first().waitFor({ state: "attached" });
  const runId = page.url().split("/").at(-1) ?? "";
  const outcomes = (await fixture.client.events(runId)).flatMap((event) =>
    event.type === "tool.finished" ? [`${event.data.name} ${event.data.outcome}`] : [],
  );
  expect(outcomes.slice(0, 4)).toEqual(["write_file error", "write_file ok", "shell refused", "finish ok"]);
  await shoot(page, "run-constrained");
});

test("a tenant's own key is set, told apart by its end, and removed", async () => {
  await page.goto("/settings");
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Models" }).click();
  const keys = page.getByRole("region", { name: "Keys" });
  const field = keys.getByLabel("Key for Anthropic (Claude)");
  await field.fill("short");
  await keys.getByRole("button", { name: "Save" }).first().click();
  await keys.getByText("A key has at least 20 characters.").waitFor();
  await field.fill("sk-ant-of-this-tenant-0042");
  await keys.getByRole("button", { name: "Save" }).first().click();
  await keys.getByText("your key ending in").waitFor();
  expect(await keys.innerText()).toContain("0042");
  expect(await page.content()).not.toContain("of-this-tenant");
  await keys.scrollIntoViewIfNeeded();
  await shoot(page, "settings-keys");
  await shootPhone(page, "settings-keys");
  await page.reload();
  await keys.getByText("your key ending in").waitFor();
  await keys.getByRole("button", { name: "Remove" }).click();
  await keys.getByText("your key ending in").waitFor({ state: "detached" });
  expect(session.complaints).toEqual([]);
});

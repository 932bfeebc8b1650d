import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { projectBudgetSchema } from "../../contracts/budget.ts";
import { settle, type Fixture } from "../stack-fixture.ts";
import { shoot, shootPhone } from "./screens.ts";
import { openSession, pictureFailures, type Session } from "./session.ts";

/* Budgets, limits and models as a person meets them in a real browser. */
let session: Session;
let fixture: Fixture;
let page: Page;

beforeAll(async () => {
  session = await openSession();
  ({ fixture, page } = session);
});

afterAll(() => session?.close());

pictureFailures(() => session);

const budget = async () =>
  fixture.client.http.api(projectBudgetSchema, "GET", `/api/projects/${fixture.target.projectId}/budget`);

/** Turns that go on without an end, each of them one model call of its own. */
const turns = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    toolCalls: [{ name: "write_file", input: { path: `notes/${index}.txt`, content: `${index}` } }],
  }));

describe("limits", () => {
  test("are chosen in the Command Center, and a run keeps them", async () => {
    await page.getByRole("textbox", { name: "What should be done" }).fill("limits-one");
    await page.getByRole("button", { name: "Limits: as the project has them" }).click();
    await page.getByLabel("Cost of the run").fill("five");
    await page.getByRole("button", { name: "Use these limits" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Cost of the run").fill("5");
    await page.getByLabel("Time of the run").fill("60");
    await page.getByLabel("Turns of a stage").fill("3");
    await shoot(page, "command-center-limits");
    await shootPhone(page, "command-center-limits");
    await page.getByRole("button", { name: "Use these limits" }).click();
    await page.getByRole("button", { name: "Limits: Up to $5, 60 min, 3 turns a stage" }).waitFor();
    await fixture.script("limits-one", turns(3));
    await page.getByRole("button", { name: "Run agent" }).click();
    await page.getByText("The coder used all of its 3 turns without finishing.").first().waitFor();
    await page.getByTitle("Spent of the budget; change the limits").click();
    await page.getByRole("heading", { name: "Limits of this run" }).waitFor();
    expect(await page.getByLabel("Turns of a stage").inputValue()).toBe("3");
    await shoot(page, "run-limits");
    await shootPhone(page, "run-limits");
    await page.getByLabel("Turns of a stage").fill("4");
    await page.getByRole("button", { name: "Set limits" }).click();
    await page.getByRole("heading", { name: "Limits of this run" }).waitFor({ state: "detached" });
    await fixture.script("limits-one", turns(4));
    await page.getByRole("button", { name: "Resume" }).first().click();
    await page.getByText("The coder used all of its 4 turns without finishing.").first().waitFor();
    await page.reload();
    await page.getByTitle("Spent of the budget; change the limits").click();
    expect(await page.getByLabel("Turns of a stage").inputValue()).toBe("4");
    await page.keyboard.press("Escape");
  });
});

describe("a project's budget", () => {
  test("shows the spend, is set, and stops runs until it is raised", async () => {
    const before = await budget();
    expect(before.now.spentMicros).toBeGreaterThan(0);
    await page.goto("/settings");
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Budgets" }).click();
    const card = page.getByRole("region", { name: /^Budget of/ }).first();
    await card.getByLabel("All runs of a month may cost").fill("0");
    await card.getByRole("button", { name: "Set budget" }).click();
    await card.getByRole("alert").waitFor();
    const micros = before.now.spentMicros + 1;
    await card.getByLabel("All runs of a month may cost").fill(String(micros / 1_000_000));
    await card.getByRole("button", { name: "Set budget" }).click();
    await card.getByText("over 80 %").waitFor();
    await card.getByRole("button", { name: /Limits of each run/ }).click();
    await shoot(page, "settings-budgets");
    await shootPhone(page, "settings-budgets");

    await fixture.script("budget-two", turns(1));
    const run = await fixture.client.startRun({ ...fixture.target, mode: "implement", prompt: "budget-two" });
    const { events, run: stopped } = await settle(fixture.client, run);
    expect(stopped.state).toBe("NEEDS_HUMAN");
    expect(stopped.cause).toMatch(/budget of \$[\d.]+ for \w+ \d{4} is used up/);
    expect(events.filter((event) => event.type === "turn.finished")).toHaveLength(1);
    await page.goto(`/runs/${run.id}`);
    await page.getByRole("link", { name: "Project’s budget" }).waitFor();
    await shoot(page, "run-project-budget-used");
    await page.getByRole("button", { name: "Resume" }).first().click();
    await page
      .getByRole("alert")
      .getByText(/is used up/)
      .first()
      .waitFor();
    await page.getByRole("link", { name: "Project’s budget" }).click();
    await card.getByText("used up").waitFor();
    await shoot(page, "settings-budgets-used");
    await card.getByLabel("All runs of a month may cost").fill("50");
    await card.getByRole("button", { name: "Set budget" }).click();
    await card.getByText("within budget").waitFor();
    await fixture.script("budget-two", turns(2));
    await page.goto(`/runs/${run.id}`);
    await page.getByRole("button", { name: "Resume" }).first().click();
    await expect
      .poll(async () => (await fixture.client.events(run.id)).filter((event) => event.type === "turn.finished").length)
      .toBeGreaterThan(1);
    await fixture.client.cancel(run.id);
  });

  test("counts every call of every run once", async () => {
    const runs = await fixture.client.http.api(
      z.object({ items: z.array(z.object({ id: z.string() })) }),
      "GET",
      "/api/runs",
    );
    let sum = 0;
    for (const { id } of runs.items)
      for (const event of await fixture.client.events(id))
        if (event.type === "turn.finished") sum += event.data.costMicros ?? 0;
    await expect.poll(async () => (await budget()).now).toMatchObject({ spentMicros: sum, reservedMicros: 0 });
  });
});

describe("models", () => {
  test("are switched off, made the default, added and removed", async () => {
    await page.goto("/settings/models");
    await page
      .getByRole("row", { name: /Claude Opus 5.5/ })
      .getByText("default")
      .waitFor();
    await page.getByRole("switch", { name: "Claude Haiku 5.5 may be used" }).click();
    await page
      .getByRole("row", { name: /Claude Haiku 5.5/ })
      .getByText("off", { exact: true })
      .waitFor();
    await page
      .getByRole("row", { name: /Claude Sonnet 5.5/ })
      .getByRole("button", { name: "Make default" })
      .click();
    await page
      .getByRole("row", { name: /Claude Sonnet 5.5/ })
      .getByText("default", { exact: true })
      .waitFor();
    await page.getByLabel("Id", { exact: true }).fill("claude-opus-4-1");
    await page.getByLabel("Name", { exact: true }).fill("Old friend");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByText(/was retired by its vendor on 2026-08-05. Use Claude Opus 5.5/).waitFor();
    await page.getByLabel("Id", { exact: true }).fill("claude-old-friend");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page
      .getByRole("row", { name: /Old friend/ })
      .getByText("price unknown")
      .waitFor();
    await shoot(page, "settings-models");
    await shootPhone(page, "settings-models");
    await page.goto("/");
    await page.getByRole("button", { name: /^Model: Claude Sonnet 5.5/ }).click();
    expect(await page.getByRole("menuitemradio", { name: /Haiku 5.5/ }).count()).toBe(0);
    await page.getByRole("menuitemradio", { name: /Old friend/ }).waitFor();
    await shoot(page, "command-center-models");
    await page.keyboard.press("Escape");
    await page.goto("/settings/models");
    await page.getByRole("button", { name: "Remove Old friend" }).click();
    await page.getByRole("row", { name: /Old friend/ }).waitFor({ state: "detached" });
    expect(session.complaints).toEqual([]);
  });
});

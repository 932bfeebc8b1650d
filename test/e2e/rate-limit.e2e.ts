import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartRun } from "../../contracts/run.ts";
import type { Fixture } from "../stack-fixture.ts";
import { shoot, shootPhone } from "./screens.ts";
import { openSession, pictureFailures, type Session } from "./session.ts";

/* A tenant over its quota of starts, as a person meets it in a real browser. */
let session: Session;

beforeAll(async () => {
  session = await openSession();
});

afterAll(() => session?.close());

pictureFailures(() => session);

/** Uses up the tenant's starts of the minute with starts that are refused later, for their model; no run comes of them. */
async function useUpStarts({ client, target }: Fixture): Promise<void> {
  // The quota of the local stack counts by the clock's minute: enough of this one is left for the test.
  const leftMs = 60_000 - (Date.now() % 60_000);
  if (leftMs < 25_000) await sleep(leftMs + 500);
  const start: StartRun = { ...target, model: "no-such-model", mode: "implement", prompt: "x" };
  for (let sent = 0; sent < 100; sent += 1) {
    const response = await client.http.send("POST", "/api/runs", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(start),
    });
    await response.body?.cancel();
    if (response.status === 429) return;
    expect(response.status).toBe(422);
  }
  throw new Error("the tenant's starts are not limited");
}

test("a start over the quota keeps the draft, also over a reload, says when to start it again, and counts down until then", async () => {
  const { fixture, page } = session;
  const prompt = "Rename `formatBytes` to `formatSize`, please.";
  const field = page.getByRole("textbox", { name: "What should be done" });
  await field.fill(prompt);
  await useUpStarts(fixture);
  await page.getByRole("button", { name: "Run agent" }).click();
  const alert = page.getByRole("alert").filter({ hasText: "Too many requests" });
  await alert.getByText(/This request started none\. .* Your draft is kept\./u).waitFor();
  const again = page.getByRole("button", { name: /^Try again in \d+ s$/u });
  await again.waitFor();
  expect(await again.isDisabled()).toBe(true);
  const before = await again.textContent();
  await expect.poll(() => again.textContent(), { timeout: 5_000 }).not.toBe(before);
  expect(await field.inputValue()).toBe(prompt);
  await shoot(page, "command-center-rate-limited");
  await shootPhone(page, "command-center-rate-limited");
  // The draft outlasts a reload, and once the time is over it starts its run.
  await page.reload();
  await expect.poll(() => field.inputValue()).toBe(prompt);
  await page.getByRole("button", { name: "Run agent" }).click();
  await page.getByRole("button", { name: "Try again", exact: true }).click({ timeout: 70_000 });
  await page.waitForURL(/\/runs\/\d+$/u);
  await page.goto("/");
  expect(await field.inputValue()).toBe("");
}, 240_000);

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import type { Fixture } from "../stack-fixture.ts";
import { shoot, shootPhone } from "./screens.ts";
import { openSession, pictureFailures, type Session } from "./session.ts";

/* A person's own repositories, and the approval card with messages that came too late, in a real browser. */
let session: Session;
let fixture: Fixture;
let page: Page;
const anything = z.unknown();

beforeAll(async () => {
  session = await openSession();
  ({ fixture, page } = session);
});

afterAll(() => session?.close());

pictureFailures(() => session);

describe("a repository that GitHub does not show to a person", () => {
  test("is counted with the reason, and named nowhere", async () => {
    await fixture.project("VAULT", "vault", { kind: "directory", path: "local/sample" });
    await fixture.stack.forge?.setReaders({ owner: "lime-labs", name: "vault", logins: [] });
    await page.goto("/settings/repositories");
    await page.getByText("You see all its 3 repositories.").waitFor();
    await page
      .getByRole("region", { name: "GitHub installations" })
      .getByRole("button", { name: "Check what I see" })
      .click();
    await page.getByText("You see 2 of its 3 repositories").first().waitFor();
    await page.getByText("One more repository of this project is private").waitFor();
    expect(await page.getByText("lime-labs/vault").count()).toBe(0);
    await shoot(page, "settings-visibility");
    await shootPhone(page, "settings-visibility");
    await page.getByRole("button", { name: "Add repositories" }).first().click();
    await page.getByRole("dialog").getByText("You see 2 of its 3 repositories").waitFor();
    await shoot(page, "add-repositories-visibility");
    await page.keyboard.press("Escape");
    await page.goto("/");
    await page.getByRole("button", { name: /^Project/u }).click();
    await page.getByRole("menuitemradio", { name: /vault/u }).click();
    await page.getByRole("button", { name: /^Repository/u }).click();
    await page.getByRole("menu").getByText("One more repository of this project is private").waitFor();
    await shoot(page, "command-center-visibility");
  });
});

describe("a message that no agent read", () => {
  test("is on the approval card with both choices, and stands as not read after the approval", async () => {
    const { client, target } = fixture;
    const repositories = [{ repositoryId: target.repositoryId, dependsOn: [], testCommand: "sleep 6; npm test" }];
    const delivery = { delivery: "all_or_none", repositories };
    await client.http.api(anything, "PUT", `/api/projects/${target.projectId}/delivery`, delivery);
    await fixture.script("late-message", [
      { toolCalls: [{ name: "write_file", input: { path: "notes.md", content: "# Notes\n" } }] },
      { toolCalls: [{ name: "finish", input: { title: "Add notes", summary: "Adds **notes**.", outcome: "done" } }] },
      { toolCalls: [{ name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } }] },
    ]);
    const run = await client.http.api(z.object({ id: z.string() }), "POST", "/api/runs", {
      ...target,
      mode: "implement",
      prompt: "late-message",
    });
    await client.waitFor(run.id, ["TESTING"], 60_000);
    const message = { text: "Please call the file NOTES.md.\nIt is read by people." };
    await client.http.api(anything, "POST", `/api/runs/${run.id}/messages`, message);
    await client.waitFor(run.id, ["WAITING_APPROVAL"], 90_000);
    await page.goto(`/runs/${run.id}`);
    const card = page.getByRole("region", { name: "Approval" });
    await card.getByText("One message was not read by an agent").waitFor();
    await card.getByText("Whole text of the pull request").click();
    await card.getByText("approved by the person who approves it").waitFor();
    await shoot(page, "approval-late-message");
    await shootPhone(page, "approval-late-message");
    await card.getByRole("button", { name: "Send back with this message" }).waitFor();
    await card.getByRole("button", { name: "Approve without" }).click();
    await client.waitFor(run.id, ["DONE"], 90_000);
    await page.getByText("Not read. The work was approved before an agent read it.").waitFor();
    await shoot(page, "run-passed-over");
  });
});

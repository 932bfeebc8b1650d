import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ticket } from "../../contracts/project.ts";
import { openBoardSession, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures, type WatchedPage } from "./session.ts";
import { drawerOf, openTicket, part, press } from "./ticket-drawer.ts";

/* The work on a ticket from its drawer: runs on it, and a description that is begun with the template. */
let session: BoardSession;
let mine: WatchedPage;
let ticket: Ticket;

beforeAll(async () => {
  session = await openBoardSession();
  ({ mine } = session);
  ticket = await session.make("Put on the roof", "backlog");
});

afterAll(() => session?.close());

pictureFailures(() => mine);

describe("runs", () => {
  const lines = async (page: Page) =>
    (
      await part(page, "Runs")
        .getByRole("listitem")
        .getByRole("link", { name: /ago|now/ })
        .allTextContents()
    ).map((text) => text.replace(/(?:just now|\d+.*ago).*/u, ""));

  test("Plan, Implement, Fix and Review start from the ticket, and the runs on it are listed as they happen", async () => {
    const { page } = mine;
    const bug = session.stack.seeded?.tickets.find(({ type }) => type === "bug");
    const repositoryId = session.stack.seeded?.repository.id;
    const model = (await session.client.models()).find(({ agent, available }) => agent === "Claude" && available)?.id;
    if (bug === undefined || model === undefined || repositoryId === undefined)
      throw new Error("the seed lacks something");
    await openTicket(page, ticket);
    await part(page, "Runs").getByText("No agent has worked on this ticket yet.").waitFor();
    for (const name of ["Plan", "Implement", "Fix", "Review"])
      await drawerOf(page).getByRole("link", { name, exact: true }).waitFor();
    const target = { projectId: session.projectId, repositoryId, model, ticketId: ticket.id };
    for (let run = 0; run < 5; run += 1) {
      const { id } = await session.client.startRun({ ...target, mode: "plan", prompt: `Plan ${run}` });
      await session.client.cancel(id);
      await session.client.waitFor(id, ["CANCELLED"], 30_000);
    }
    await expect.poll(() => lines(page)).toEqual(Array.from({ length: 5 }, () => "CancelledPlan"));
    const prompt = `${bug.title}\n\n${bug.description}`;
    const { id } = await session.client.startRun({ ...target, mode: "bugfix", prompt });
    await part(page, "Runs")
      .getByRole("link", { name: /Waiting for approval.*Fix a bug/u })
      .waitFor({ timeout: 60_000 });
    await drawerOf(page).getByText("A run is on for this ticket.").waitFor();
    const [patchSet] = await session.client.patchSets(id);
    if (patchSet === undefined) throw new Error("the run proposed nothing");
    const { baseCommit, hash } = patchSet;
    await session.client.decide(id, hash, { decision: "approve", baseCommit });
    await part(page, "Runs")
      .getByRole("link", { name: /Done.*Fix a bug/u })
      .waitFor({ timeout: 60_000 });
    const { pullRequest } = await session.client.run(id);
    if (pullRequest === null) throw new Error("the run made no pull request");
    await part(page, "Runs").getByText(pullRequest.branch).waitFor();
    const pull = part(page, "Runs").getByRole("link", { name: new RegExp(`/.*#${pullRequest.number}$`, "u") });
    await expect.poll(() => pull.getAttribute("href")).toBe(pullRequest.url);
    await press(part(page, "Runs").getByRole("button", { name: "Show more" }));
    await expect
      .poll(() => lines(page))
      .toEqual(["DoneFix a bug", ...Array.from({ length: 5 }, () => "CancelledPlan")]);
    await part(page, "Runs").scrollIntoViewIfNeeded();
    await shoot(page, "ticket-runs");
    await shootPhone(page, "ticket-runs");
    await press(drawerOf(page).getByRole("link", { name: "Plan", exact: true }));
    await page.getByText(`${ticket.key} ${ticket.title}`).waitFor();
    await page.getByRole("button", { name: "Mode: Plan" }).waitFor();
  });
});

describe("the template", () => {
  const headings = ["Context", "Goal and acceptance criteria", "Constraints"];

  test("fills a new ticket's description, goes by undo or by its button while it is untouched, and never takes words away", async () => {
    const { page } = mine;
    await session.openBoard(page);
    await page.keyboard.press("c");
    const form = page.getByRole("dialog", { name: "New ticket" });
    const field = form.getByRole("textbox", { name: /Description/u });
    await page.keyboard.type("Paint the door");
    await press(form.getByRole("button", { name: "Use the template" }));
    for (const heading of headings) await expect.poll(() => field.inputValue()).toContain(`## ${heading}`);
    await page.keyboard.press("ControlOrMeta+z");
    await expect.poll(() => field.inputValue()).toBe("");
    await press(form.getByRole("button", { name: "Use the template" }));
    await press(form.getByRole("button", { name: "Remove the template" }));
    await expect.poll(() => field.inputValue()).toBe("");
    await press(form.getByRole("button", { name: "Use the template" }));
    await shoot(page, "ticket-template-new");
    await page.keyboard.type("It is grey.");
    await expect.poll(() => field.inputValue()).toMatch(/^## Context\nIt is grey\.\n\n## Goal/u);
    await expect.poll(() => form.getByRole("button", { name: /template/u }).count()).toBe(0);
    await page.keyboard.press("ControlOrMeta+Enter");
    await drawerOf(page).getByRole("heading", { name: "Definition of done" }).waitFor();
    await drawerOf(page).getByText("It is grey.").waitFor();
  });

  test("begins an empty description in the drawer", async () => {
    const { page } = mine;
    const empty = { type: "task", title: "Oil the hinge", description: "", acceptanceCriteria: "" } as const;
    await openTicket(page, await session.client.createTicket(session.projectId, empty));
    await press(drawerOf(page).getByRole("button", { name: "Use the template" }));
    await drawerOf(page).getByRole("button", { name: "Remove the template" }).waitFor();
    await shoot(page, "ticket-template");
    await page.keyboard.press("ControlOrMeta+z");
    await press(drawerOf(page).getByRole("button", { name: "Use the template" }));
    await page.keyboard.type("It squeaks.");
    await page.keyboard.press("ControlOrMeta+Enter");
    await drawerOf(page).getByRole("heading", { name: "Out of scope" }).waitFor();
    await page.reload();
    await drawerOf(page).getByText("It squeaks.").waitFor();
  });
});

test("the page had nothing to complain about", () => {
  expect(mine.complaints).toEqual([]);
});

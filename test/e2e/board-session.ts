import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Locator, Page } from "playwright-core";
import type { Ticket, TicketStage } from "../../contracts/project.ts";
import type { Role } from "../../contracts/roles.ts";
import { ApiClient } from "../../local/stack/client.ts";
import { readSettings } from "../../local/stack/settings.ts";
import { startStack, type Stack } from "../../local/stack/stack.ts";
import { silentLog } from "../../local/stack/status.ts";
import { withD1 } from "../d1-file.ts";
import { watchedPage, type WatchedPage } from "./session.ts";

/** Two people of one tenant, each with a browser of their own, and an empty project. */
export interface BoardSession {
  readonly stack: Stack;
  /** The first person's client of the API. */
  readonly client: ApiClient;
  readonly mine: WatchedPage;
  readonly theirs: WatchedPage;
  readonly projectId: string;
  make(title: string, column: TicketStage): Promise<Ticket>;
  /** Makes tickets one after the other, and gives one of them by its place in the list. */
  makeAll(all: readonly (readonly [title: string, column: TicketStage])[]): Promise<(index: number) => Ticket>;
  openBoard(page: Page): Promise<void>;
  /** Gives the second person a role. */
  join(role: Role): void;
  close(): Promise<void>;
}

const ticketFields = { type: "task", description: "Words about it.", acceptanceCriteria: "- It works" } as const;

export async function openBoardSession(): Promise<BoardSession> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "assembly-lime-board-"));
  const settings = readSettings({ PORT: "0", ALIME_DATA_DIR: dataDir });
  const stack = await startStack({ settings, log: silentLog, modelDelayMs: 0 });
  const client = new ApiClient(stack.url);
  await client.signIn("lime-dev");
  await new ApiClient(stack.url).signIn("lime-reviewer");
  join(dataDir, "dev");
  const repositoryIds = [stack.seeded?.repository.id ?? ""];
  const project = await client.createProject({ key: "BRD", name: "Live board", description: "", repositoryIds });
  const mine = await watchedPage(stack.url);
  const theirs = await watchedPage(stack.url);
  await signInAs(mine.page, "lime-dev");
  await signInAs(theirs.page, "lime-reviewer");
  const make = (title: string, column: TicketStage): Promise<Ticket> =>
    client.createTicket(project.id, { ...ticketFields, title, column });
  return {
    ...{ stack, client, mine, theirs, projectId: project.id },
    join: (role) => join(dataDir, role),
    make,
    async makeAll(all) {
      const made: Ticket[] = [];
      for (const [title, column] of all) made.push(await make(title, column));
      return (index) => {
        const ticket = made[index];
        if (ticket === undefined) throw new Error("there is no such ticket");
        return ticket;
      };
    },
    async openBoard(page) {
      await page.goto(`/projects/${project.id}/board`);
      await page.getByText("Live", { exact: true }).waitFor();
      await page.mouse.move(5, 5);
    },
    async close() {
      await mine.browser.close();
      await theirs.browser.close();
      await stack.close();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Puts the second person into the first one's tenant with a role, as an accepted invitation does. */
function join(dataDir: string, role: Role): void {
  withD1(dataDir, (database) =>
    database
      .prepare(
        `update member set role = ?, organization_id =
           (select organization_id from member join user on user.id = member.user_id where user.email = 'lime-dev@example.com')
         where user_id = (select id from user where email = 'lime-reviewer@example.com')`,
      )
      .run(role),
  );
}

export async function signInAs(page: Page, login: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: "Continue with GitHub" }).click();
  await page.getByRole("button", { name: new RegExp(`Continue as ${login}`) }).click();
  await page.getByRole("heading", { name: "What are we building today?" }).waitFor();
}

export const lane = (page: Page, column: TicketStage): Locator => page.locator(`[data-lane="${column}"]`);
export const card = (page: Page, ticket: Pick<Ticket, "id">): Locator => page.locator(`[data-card="${ticket.id}"]`);
export const said = (page: Page): Locator => page.locator("[data-drag-words]");
export const titles = (page: Page, column: TicketStage): Promise<string[]> =>
  lane(page, column).locator("[data-card] .line-clamp-2").allTextContents();

export async function centre(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error("it is not on the screen");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Takes hold of a card and moves the pointer to a point, without letting go. */
export async function take(page: Page, from: Locator, to: { x: number; y: number }): Promise<void> {
  const at = await centre(from);
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  await page.mouse.move(at.x + 8, at.y + 4);
  await page.mouse.move(to.x, to.y, { steps: 6 });
}

/** Waits until a page shows a card in a column, and gives when that was, in UTC milliseconds. */
export async function seenAt(page: Page, ticket: Ticket, column: TicketStage): Promise<number> {
  await lane(page, column).locator(`[data-card="${ticket.id}"]`).waitFor();
  return Date.now();
}

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ticket } from "../../contracts/project.ts";
import { card, openBoardSession, type BoardSession } from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures } from "./session.ts";

/* The autopilot of a board, switched in the browser, whose ticket a run takes. */
let session: BoardSession;
let first: Ticket;

beforeAll(async () => {
  session = await openBoardSession();
  const bug = session.stack.seeded?.tickets.find(({ type }) => type === "bug");
  if (bug === undefined) throw new Error("the seed has no bug");
  const { acceptanceCriteria, description, title } = bug;
  const body = { type: "bug", column: "todo", title, description, acceptanceCriteria } as const;
  first = await session.client.createTicket(session.projectId, body);
  await session.make("Add a function that multiplies", "todo");
});

afterAll(() => session?.close());

pictureFailures(() => session?.mine);

const page = () => session.mine.page;
const panel = () => page().getByRole("dialog", { name: "Autopilot" });

test("shows its line before it is on, and starts nothing", async () => {
  await session.openBoard(page());
  await page().getByRole("button", { name: "Autopilot off" }).focus();
  await page().keyboard.press("Enter");
  await panel().getByText("Next.", { exact: true }).waitFor();
  await panel().getByText("The slot is in use.").waitFor();
  await panel()
    .getByRole("radio", { name: /Suggest/ })
    .click();
  await page().getByRole("button", { name: "Autopilot suggest" }).waitFor();
  await shoot(page(), "autopilot-suggest");
  expect((await session.client.getTicket(first.id)).run).toBeNull();
});

test("starts the first ticket of the line once it is on, which the card and the line show", async () => {
  await panel().getByRole("radio", { name: /^On/ }).click();
  await page().getByRole("button", { name: "Autopilot 1/1" }).waitFor();
  await panel().getByText("The slot is in use.").waitFor();
  await shoot(page(), "autopilot-on");
  await shootPhone(page(), "autopilot-on");
  await page().keyboard.press("Escape");
  await expect
    .poll(async () => (await session.client.getTicket(first.id)).run?.state, { timeout: 60_000 })
    .toBe("WAITING_APPROVAL");
  await page().reload();
  await card(page(), first).waitFor();
  await page().getByRole("button", { name: "Autopilot 1/1" }).waitFor();
  await shoot(page(), "autopilot-running");
  expect(session.mine.complaints).toEqual([]);
});

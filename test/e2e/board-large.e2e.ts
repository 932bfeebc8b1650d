import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { boardSchema, boardWrittenSchema } from "../../contracts/board.ts";
import {
  card,
  centre,
  lane,
  openBoardSession,
  said,
  signInAs,
  take,
  titles,
  type BoardSession,
} from "./board-session.ts";
import { shoot, shootPhone } from "./screens.ts";
import { pictureFailures, type WatchedPage } from "./session.ts";

/* A live board under load, on a phone, for a viewer, with an agent at work, and over a bad connection. */
let session: BoardSession;
let mine: WatchedPage;
let theirs: WatchedPage;

beforeAll(async () => {
  session = await openBoardSession();
  ({ mine, theirs } = session);
});

afterAll(() => session?.close());

pictureFailures(() => mine);

/** Scrolls the backlog by 900 px, and gives how long the next two frames took, in ms. */
const scrollOn = `(async () => {
  const at = performance.now();
  document.querySelector('[data-lane="backlog"] [data-lane-cards]').scrollTop += 900;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - at;
})()`;

describe("a large board", () => {
  test("800 cards in one column stay few in the page, and the column is dropped into at its end", async () => {
    const { page } = mine;
    await session.openBoard(page);
    const mover = await session.make("Goes to the end", "todo");
    const batch = 20;
    for (let made = 0; made < 800; made += batch)
      await Promise.all(Array.from({ length: batch }, (_, index) => session.make(`Card ${made + index}`, "backlog")));
    await expect.poll(() => lane(page, "backlog").locator("h2").textContent()).toMatch(/800/);
    const cards = await lane(page, "backlog").locator("[data-card]").count();
    const scroller = lane(page, "backlog").locator("[data-lane-cards]");
    const steps: number[] = [];
    let most = cards;
    for (let step = 0; step < 20; step += 1) {
      const took = Number(await page.evaluate(scrollOn));
      steps.push(took);
      most = Math.max(most, await lane(page, "backlog").locator("[data-card]").count());
    }
    console.log(
      `800 tickets: ${cards} cards at rest, at most ${most} while scrolling; two frames take ${Math.round(Math.max(...steps))} ms at most`,
    );
    expect(most).toBeLessThanOrEqual(60);
    // A card that comes to the top from elsewhere leaves the cards in view where they are.
    const inView = lane(page, "backlog").locator("[data-card]").nth(9);
    const { y: before } = await centre(inView);
    const id = (await inView.getAttribute("data-card")) ?? "";
    const first = (
      await session.client.http.api(boardSchema, "GET", `/api/projects/${session.projectId}/board`)
    ).tickets.find(({ column }) => column === "backlog");
    const newest = await session.make("Comes to the top", "done");
    const move = { ticketIds: [newest.id], column: "backlog", before: first?.id ?? null };
    await session.client.http.api(boardWrittenSchema, "POST", `/api/projects/${session.projectId}/moves`, move);
    await expect.poll(() => lane(page, "backlog").locator("h2").textContent()).toMatch(/801/);
    expect(Math.abs((await centre(card(page, { id }))).y - before)).toBeLessThan(2);
    await page.evaluate(`document.querySelector('[data-lane="backlog"] [data-lane-cards]').scrollTop = 1e6`);
    await shoot(page, "board-800");
    const { x, y } = await centre(scroller);
    await take(page, card(page, mover), { x, y: y + 320 });
    await page.mouse.up();
    await expect.poll(async () => (await titles(page, "backlog")).includes("Goes to the end")).toBe(true);
  });
});

describe("on a phone, and as a viewer", () => {
  test("a phone shows a column at a time, and a long press drags", async () => {
    await shootPhone(mine.page, "board-live");
    const context = await mine.browser.newContext({
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
      baseURL: session.stack.url,
    });
    const phone = await context.newPage();
    phone.setDefaultTimeout(20_000);
    await signInAs(phone, "lime-dev");
    await session.openBoard(phone);
    const devtools = await context.newCDPSession(phone);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", x: number, y: number) =>
      devtools.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y }] });
    const moved = lane(phone, "backlog").locator("[data-card]").nth(2);
    const title = (await moved.locator(".line-clamp-2").textContent()) ?? "";
    const from = await centre(moved);
    const first = await centre(lane(phone, "backlog").locator("[data-card]").nth(0));
    await touch("touchStart", from.x, from.y);
    await expect.poll(() => said(phone).textContent()).toMatch(/is lifted from Backlog, position 3/);
    for (let y = from.y; y > first.y - 24; y -= 20) await touch("touchMove", from.x, y);
    await touch("touchMove", from.x, first.y - 24);
    await lane(phone, "backlog").locator("[data-drop-line]").waitFor();
    await shoot(phone, "board-phone-drag");
    await touch("touchEnd", 0, 0);
    await expect.poll(async () => (await titles(phone, "backlog"))[0]).toBe(title);
    await context.close();
  });

  test("a viewer's cards do not lift, and the reason is said", async () => {
    const { page } = theirs;
    await session.make("Stays", "qa");
    session.join("viewer");
    await page.goto("/");
    await session.openBoard(page);
    await page.getByText("Moving tickets:").first().waitFor();
    const before = await titles(page, "qa");
    await take(page, lane(page, "qa").locator("[data-card]").first(), await centre(lane(page, "todo")));
    expect(await page.locator("[data-drop-line]").count()).toBe(0);
    await page.mouse.up();
    expect(await titles(page, "qa")).toEqual(before);
    await shoot(page, "board-viewer");
  });

  test("a run's state shows on its ticket as it happens, and nothing is asked again and again", async () => {
    const { page } = mine;
    const bug = session.stack.seeded?.tickets.find(({ type }) => type === "bug");
    const ticket = await session.make(bug?.title ?? "", "todo");
    await card(page, ticket).waitFor();
    const asked: string[] = [];
    page.on("request", (request) => {
      if (/\/api\/(?:projects\/\d+\/board|tickets)/u.test(request.url())) asked.push(request.url());
    });
    const model = (await session.client.models()).find(({ agent, available }) => agent === "Claude" && available)?.id;
    const prompt = `${bug?.title}\n\n${bug?.description}`;
    const target = { projectId: session.projectId, repositoryId: session.stack.seeded?.repository.id, model };
    const body = { ...target, mode: "bugfix", prompt, ticketId: ticket.id };
    const run = await session.client.http.api(z.object({ id: z.string() }), "POST", "/api/runs", body);
    const shown = page.locator("[data-lane] [data-card]").filter({ hasText: ticket.key });
    await shown.getByText(/Triaging|Planning|Coding|Reviewing|Testing/u).waitFor();
    await shown.getByText("Waiting for approval").waitFor({ timeout: 60_000 });
    await shoot(page, "board-run");
    await session.client.cancel(run.id);
    await shown.getByText("Waiting for approval").waitFor({ state: "detached" });
    expect(asked).toEqual([]);
  });

  test("without a socket the board says that it reconnects, and catches up with every change when it is back", async () => {
    const { page } = mine;
    let isDown = true;
    let losesOne = false;
    const opened: string[] = [];
    await page.routeWebSocket(/\/board\/socket/u, (socket) => {
      opened.push(socket.url());
      if (isDown) return void socket.close({ code: 1011 });
      const server = socket.connectToServer();
      socket.onMessage((message) => server.send(message));
      server.onMessage((message) => {
        if (losesOne && String(message).startsWith('{"t":"changes"')) losesOne = false;
        else socket.send(message);
      });
    });
    await page.reload();
    await page.getByText("Reconnecting", { exact: true }).waitFor();
    await shoot(page, "board-reconnecting");
    const ticket = await session.make("After the pause", "done");
    isDown = false;
    await card(page, ticket).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    // A frame that is lost leaves a hole, which the next one shows: the page connects again from before the hole.
    losesOne = true;
    const before = opened.length;
    const lost = await session.make("Lost on its way", "done");
    const later = await session.make("Shows the hole", "done");
    await card(page, later).waitFor();
    await card(page, lost).waitFor();
    expect(opened.length).toBe(before + 1);
    // A page from the browser's cache has a dead socket that does not know it.
    await page.evaluate(`window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`);
    await expect.poll(() => opened.length).toBe(before + 2);
    const last = await session.make("After the cache", "done");
    await card(page, last).waitFor();
  });

  test("the pages had nothing to complain about", () => {
    expect([...mine.complaints, ...theirs.complaints]).toEqual([]);
  });
});

import { abortAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import * as z from "zod";
import { feedTopics, type FeedTopic } from "../../../contracts/feed.ts";
import { socketClose, socketMark } from "../../../contracts/run-events.ts";
import { projectSchema } from "../../../contracts/project.ts";
import { commentSchema } from "../../../contracts/ticket-parts.ts";
import { mentionOf } from "../../../domain/board/mention.ts";
import { runSchema } from "../../../contracts/run.ts";
import { testConfig } from "../app.ts";
import { Client, newMember, newPerson } from "../client.ts";
import { newWorld } from "../world.ts";
import { resetOutside, until } from "./outside-control.ts";
import { RunWorld } from "./run-world.ts";

const frameSchema = z.discriminatedUnion("t", [
  z.object({ t: z.literal("live") }),
  z.strictObject({ t: z.literal("changed"), topics: z.array(z.enum(feedTopics)).min(1) }),
]);

const open = (client: Client, headers: Record<string, string> = {}): Promise<Response> =>
  client.send("GET", "/api/feed/socket", undefined, { upgrade: "websocket", origin: testConfig.publicUrl, ...headers });

/** A page's socket on its tenant's feed, with the topics that it has heard of. */
async function listen(client: Client) {
  const { status, webSocket: socket } = await open(client);
  if (socket === null) throw new Error(`no socket: ${status}`);
  const heard = { topics: [] as FeedTopic[], isLive: false, closeCode: undefined as number | undefined };
  socket.addEventListener("message", ({ data }) => {
    const text = String(data);
    if (text.startsWith(socketMark)) return socket.send(text);
    const frame = frameSchema.parse(JSON.parse(text));
    if (frame.t === "live") heard.isLive = true;
    else heard.topics.push(...frame.topics);
  });
  socket.addEventListener("close", ({ code }) => {
    heard.closeCode = code;
  });
  socket.accept();
  await expect.poll(() => heard.isLive).toBe(true);
  return heard;
}

test("a tenant's pages hear that its projects, budgets and runs have changed, and another tenant's hear nothing", async () => {
  await resetOutside();
  const runs = await RunWorld.make();
  const [page, stranger] = [await listen(runs.client), await listen((await newPerson()).client)];
  const project = await runs.client.ask(projectSchema, 201, "POST", "/api/projects", { key: "FEED", name: "Feed" });
  await expect.poll(() => page.topics).toEqual(["projects"]);
  await runs.client.ask(projectSchema, 200, "PATCH", `/api/projects/${project.id}`, { name: "Another" });
  await expect.poll(() => page.topics).toEqual(["projects", "projects"]);
  await runs.client.send("PUT", `/api/projects/${project.id}/budget`, { monthBudgetMicros: 5 });
  await expect.poll(() => page.topics.at(-1)).toBe("budgets");
  const { id } = await runs.start("note-feed");
  // A page that loads its list once it hears of it finds the run as it is.
  await expect.poll(() => page.topics.at(-1)).toBe("runs");
  const list = await runs.client.ask(z.object({ items: z.array(runSchema) }), 200, "GET", "/api/runs");
  expect(list.items.map((run) => run.id)).toContain(id);
  const before = page.topics.length;
  await runs.approveToEnd(id);
  await expect.poll(() => page.topics.slice(before)).toContain("runs");
  expect(stranger.topics).toEqual([]);
});

test("a page hears of notices when a comment mentions a member, and when it is deleted; other comments are no news", async () => {
  const world = await newWorld();
  const page = await listen(world.client);
  const path = `/api/tickets/${world.ticket.id}/comments`;
  const say = (body: string) => world.client.ask(commentSchema, 201, "POST", path, { body });
  await say("Hello");
  const { id } = await say(`Hello ${mentionOf(world.me.user)}`);
  await expect.poll(() => page.topics).toEqual(["notices"]);
  await world.client.send("DELETE", `/api/comments/${id}`);
  await expect.poll(() => page.topics).toEqual(["notices", "notices"]);
});

test("a page hears of the tenant's changes again after its feed's object has died and it has connected again", async () => {
  const world = await newWorld();
  const lost = await listen(world.client);
  await abortAllDurableObjects();
  const page = await listen(world.client);
  await world.client.ask(projectSchema, 201, "POST", "/api/projects", { key: "AGAIN", name: "Again" });
  await expect.poll(() => page.topics).toEqual(["projects"]);
  expect(lost.topics).toEqual([]);
});

test("signing out closes the feed, and so does leaving the tenant once it tells something", async () => {
  const world = await newWorld();
  const [left, out] = [
    await newMember(world.me.activeTenantId, "dev"),
    await newMember(world.me.activeTenantId, "viewer"),
  ];
  const [leaver, page] = [await listen(left.client), await listen(out.client)];
  expect((await out.client.send("POST", "/api/auth/sign-out", {})).status).toBe(200);
  expect(await until(() => page.closeCode, 10_000)).toBe(socketClose.signedOut);
  await env.DB.prepare("delete from member where user_id = ?").bind(Number(left.me.user.id)).run();
  await world.client.ask(projectSchema, 201, "POST", "/api/projects", { key: "LEFT", name: "Left" });
  expect(await until(() => leaver.closeCode, 10_000)).toBe(socketClose.forbidden);
});

test("the feed opens to a page of the product with a session, and to nothing else", async () => {
  const world = await newWorld();
  expect((await open(world.client, { origin: "https://elsewhere.example" })).status).toBe(403);
  expect((await open(new Client())).status).toBe(401);
  expect((await world.client.send("GET", "/api/feed/socket")).status).toBe(400);
});

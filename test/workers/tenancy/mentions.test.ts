import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import * as z from "zod";
import { boardWrittenSchema } from "../../../contracts/board.ts";
import { pageSchema } from "../../../contracts/common.ts";
import { noticeSchema, type Notice } from "../../../contracts/notice.ts";
import { commentSchema, type Comment } from "../../../contracts/ticket-parts.ts";
import { mentionOf } from "../../../domain/board/mention.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import { boardHost } from "../../../worker/hosts.ts";
import { commentAs } from "../../../worker/services/board/comments.ts";
import { createTestApi, testConfig } from "../app.ts";
import { Client, newMember } from "../client.ts";
import { countedD1, queryPlan } from "../d1.ts";
import { newWorld, type World } from "../world.ts";

interface Someone {
  readonly client: Client;
  readonly me: World["me"];
}

const notices = async ({ client }: Someone, query = ""): Promise<readonly Notice[]> =>
  (await client.ask(pageSchema(noticeSchema), 200, "GET", `/api/notices${query}`)).items;
const of = ({ me: { user } }: Someone): string => mentionOf(user);

async function say({ client }: Someone, { ticket }: World, body: string): Promise<Comment> {
  return client.ask(commentSchema, 201, "POST", `/api/tickets/${ticket.id}/comments`, { body });
}

test("a comment that mentions members makes one notice for each of them, which names the ticket, and none for its author", async () => {
  const world = await newWorld();
  const [mate, viewer] = [
    await newMember(world.me.activeTenantId, "dev"),
    await newMember(world.me.activeTenantId, "viewer"),
  ];
  await say(world, world, `${of(mate)} and ${of(mate)}, ${of(viewer)}, ${of(world)}: *look* at \`this\`.`);
  expect(await notices(world)).toEqual([]);
  for (const each of [mate, viewer])
    expect(await notices(each, "?unread=true")).toMatchObject([
      {
        reason: "mentioned",
        text: expect.stringContaining(`${world.me.user.name} mentioned you: @${mate.me.user.name} and`),
        readAtMs: null,
        run: null,
        ticket: { id: world.ticket.id, key: world.ticket.key, title: "First", projectId: world.project.id },
      },
    ]);
});

test("an edit tells those alone whom the comment did not mention before", async () => {
  const world = await newWorld();
  const [first, second] = [
    await newMember(world.me.activeTenantId, "qa"),
    await newMember(world.me.activeTenantId, "qa"),
  ];
  const { id } = await say(world, world, `Hello ${of(first)}`);
  const path = `/api/comments/${id}`;
  await world.client.ask(commentSchema, 200, "PATCH", path, { version: 1, body: "Nobody" });
  await world.client.ask(commentSchema, 200, "PATCH", path, { version: 2, body: `${of(first)}, ${of(second)}` });
  expect(await notices(first)).toMatchObject([{ text: expect.stringContaining("Hello") }]);
  expect(await notices(second)).toHaveLength(1);
  await say(world, world, `Once more, ${of(first)}`);
  expect(await notices(first)).toHaveLength(2);
});

test("a member of another tenant and an unknown id get no notice, and the comment is written all the same", async () => {
  const [world, stranger] = [await newWorld(), await newWorld()];
  const body = `${of(stranger)} [@Nobody](#member-999999999) [@Much](#member-9999999999999999)`;
  expect(await say(world, world, body)).toMatchObject({ body });
  expect(await notices(stranger)).toEqual([]);
  const { results } = await env.DB.prepare("select 1 from notice where ticket_id = ?")
    .bind(Number(world.ticket.id))
    .all();
  expect(results).toEqual([]);
});

test("a notice goes with its comment and comes back with it, and is none of another comment's", async () => {
  const world = await newWorld();
  const mate = await newMember(world.me.activeTenantId, "dev");
  const [comment, other] = [
    await say(world, world, `Hello ${of(mate)}`),
    await say(world, world, `And this, ${of(mate)}`),
  ];
  const path = `/api/comments/${comment.id}`;
  expect((await world.client.send("DELETE", path)).status).toBe(204);
  expect(await notices(mate)).toMatchObject([{ text: expect.stringContaining("And this") }]);
  await world.client.ask(commentSchema, 200, "POST", `${path}/restore`, {});
  expect(await notices(mate)).toHaveLength(2);
  expect(other.version).toBe(1);
  await world.client.ask(boardWrittenSchema, 200, "DELETE", `/api/tickets/${world.ticket.id}`);
  expect(await notices(mate)).toMatchObject([{ ticket: { id: world.ticket.id } }, {}]);
});

test("a comment that is sent twice under one key is made once, with one notice", async () => {
  const world = await newWorld();
  const mate = await newMember(world.me.activeTenantId, "dev");
  const path = `/api/tickets/${world.ticket.id}/comments`;
  const body = { body: `Again, ${of(mate)}`, idempotencyKey: crypto.randomUUID() };
  const made: Comment[] = [];
  for (const _ of [1, 2]) made.push(await world.client.ask(commentSchema, 201, "POST", path, body));
  expect(made[1]).toEqual(made[0]);
  expect(await notices(mate)).toHaveLength(1);
  const theirs = await mate.client.ask(commentSchema, 201, "POST", path, { ...body, body: "Mine" });
  expect(theirs).toMatchObject({ body: "Mine", author: { id: mate.me.user.id } });
});

test("the text of a run tells no one, since a model may have written it", async () => {
  const world = await newWorld();
  const deps = { db: createDatabase(env.DB), boards: boardHost(env.BOARDS) };
  const by = { tenantId: Number(world.me.activeTenantId), actor: { kind: "run", id: "12", name: "" } } as const;
  const text = { body: `Run 12 failed: ${of(world)}`, sourceKey: `run:12:${crypto.randomUUID()}` };
  expect(await commentAs(deps, by, Number(world.ticket.id), text)).toMatchObject({ ok: true });
  expect(await notices(world)).toEqual([]);
});

test("the list of notices scans no table", async () => {
  const world = await newWorld();
  const { d1, sent } = countedD1(env.DB);
  const client = new Client(createTestApi(d1, testConfig));
  for (const [name, value] of world.client.cookies) client.cookies.set(name, value);
  await client.ask(z.unknown(), 200, "GET", "/api/notices?unread=true");
  for (const query of sent) expect(await queryPlan(env.DB, query)).not.toMatch(/\bSCAN\b/);
});

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { socketClose } from "../../../contracts/run-events.ts";
import { runSchema } from "../../../contracts/run.ts";
import { systemCaller } from "../../../worker/ports/run-host.ts";
import { newMember } from "../client.ts";
import { clearFaults, planFault, resetOutside, until } from "./outside-control.ts";
import { as, ProductApi, runObject, RunWorld, sweepNow } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

beforeEach(resetOutside);

test("a socket whose session ended after it was checked is refused by the run's object; another session's is not", async () => {
  const world = await RunWorld.make();
  const { id } = await world.start("note-ended-session");
  const open = (session: string): Promise<Response> =>
    runObject(id).fetch("http://run.test/", {
      headers: { upgrade: "websocket", "x-socket-session": session, "x-socket-expires": String(Date.now() + 60_000) },
    });
  await runObject(id).command(systemCaller("sign-out"), {
    kind: "close_sockets",
    sessionKey: "4711",
    reason: "signed_out",
  });
  expect((await open("4711")).status).toBe(401);
  const other = await open("4712");
  expect(other.status).toBe(101);
  other.webSocket?.accept();
  other.webSocket?.close();
  await world.approveToEnd(id);
});

describe("the grant of a run's start", () => {
  const keyOf = ({ client }: RunWorld): string => client.cookies.get("assembly-lime.run_socket")?.split(".")[0] ?? "";
  const open = async (id: string, key: string): Promise<number> => {
    const response = await runObject(id).fetch("http://run.test/", {
      headers: { upgrade: "websocket", "x-socket-grant": key },
    });
    response.webSocket?.accept();
    response.webSocket?.close();
    return response.status;
  };

  test("opens one socket of the run that it was made for", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-granted");
    const key = keyOf(world);
    const other = await world.start("note-granted-other");
    expect(await open(other.id, key)).toBe(401);
    expect([await open(id, key), await open(id, key)]).toEqual([101, 401]);
    await world.approveToEnd(id);
    await world.approveToEnd(other.id);
  });

  test("opens nothing after its session was signed out", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-granted-signed-out");
    const key = keyOf(world);
    await new Watcher(world.client, id).connect();
    const again = await world.start("note-granted-signed-out-again");
    const session = await env.DB.prepare("select session_id as n from open_socket where object = 'run:' || ?")
      .bind(again.id)
      .first<number>("n");
    await runObject(again.id).command(systemCaller("sign-out"), {
      kind: "close_sockets",
      sessionKey: String(session),
      reason: "signed_out",
    });
    expect([await open(id, key), await open(again.id, keyOf(world))]).toEqual([401, 401]);
    await world.approveToEnd(id);
    await world.approveToEnd(again.id);
  });

  test("leaves a socket open for a second at most when its person was removed before it opened", async () => {
    const world = await RunWorld.make();
    await planFault({ match: "POST .*/v1/messages", how: "hold_before" });
    const { client, me } = await newMember(world.me.activeTenantId, "dev");
    const member = as(client, new ProductApi());
    const run = await member.ask(runSchema, 201, "POST", "/api/runs", world.request("note-granted-removed"));
    await removeMember(world, Number(me.user.id));
    const watcher = new Watcher(member, run.id);
    await watcher.connect();
    expect(await closeOf(watcher, 1_500)).toBe(socketClose.forbidden);
    await clearFaults();
    // Its starter, who left, can't see the repository at the forge.
    await world.reaches(run.id, ["FAILED"]);
  });
});

/** A member of the world's tenant who watches a run. */
async function watchingMember(world: RunWorld, runId: string): Promise<{ watcher: Watcher; userId: number }> {
  const { client, me } = await newMember(world.me.activeTenantId, "dev");
  const watcher = new Watcher(as(client, new ProductApi()), runId);
  await watcher.connect();
  return { watcher, userId: Number(me.user.id) };
}

async function removeMember(world: RunWorld, userId: number): Promise<void> {
  await env.DB.prepare("delete from member where organization_id = ? and user_id = ?")
    .bind(Number(world.me.activeTenantId), userId)
    .run();
}

const sessionEndsAt = (userId: number, atMs: number): Promise<unknown> =>
  env.DB.prepare("update session set expires_at_ms = ? where user_id = ?").bind(atMs, userId).run();

const closeOf = (watcher: Watcher, withinMs: number): Promise<number | undefined> =>
  until(() => watcher.closeCode, withinMs);

describe("an open socket", () => {
  test("is the same object whenever its object sees it, so that what it has read is known", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-same-socket");
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const watcher = new Watcher(world.client, id);
    await watcher.connect();
    const heard: boolean[] = [];
    await runInDurableObject(runObject(id), (object, state) => {
      const [before] = state.getWebSockets();
      object.webSocketMessage = (socket) => {
        heard.push(socket === before && socket === state.getWebSockets()[0]);
      };
    });
    watcher.send("mark of nothing");
    expect(await until(() => heard[0])).toBe(true);
    watcher.close();
    await world.approveToEnd(id);
  });

  test("closes at the instant at which its session expires, also when the run rests", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-session-expires");
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const { client, me } = await newMember(world.me.activeTenantId, "dev");
    await sessionEndsAt(Number(me.user.id), Date.now() + 4_000);
    const watcher = new Watcher(as(client, new ProductApi()), id);
    await watcher.connect();
    expect(await closeOf(watcher, 300)).toBeUndefined();
    expect(await closeOf(watcher, 15_000)).toBe(socketClose.signedOut);
    await world.approveToEnd(id);
  });

  test("closes within a second when its person is removed from the tenant while the run works", async () => {
    const world = await RunWorld.make();
    await planFault({ match: "POST .*/v1/messages", how: "hold_before" });
    const { id } = await world.start("note-member-removed");
    const { watcher, userId } = await watchingMember(world, id);
    const staying = new Watcher(world.client, id);
    await staying.connect();
    await removeMember(world, userId);
    expect(await closeOf(watcher, 1_500)).toBe(socketClose.forbidden);
    expect(staying.closed).toBe(false);
    await clearFaults();
    staying.close();
    await world.approveToEnd(id);
  });

  test("closes with the next sweep when its person is removed while the run rests", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-removed-at-rest");
    await world.reaches(id, ["WAITING_APPROVAL"]);
    const { watcher, userId } = await watchingMember(world, id);
    const staying = new Watcher(world.client, id);
    await staying.connect();
    await removeMember(world, userId);
    await sweepNow();
    expect(await closeOf(watcher, 10_000)).toBe(socketClose.forbidden);
    expect(staying.closed).toBe(false);
    staying.close();
    await world.approveToEnd(id);
  });
});

import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runSchema, type Run } from "../../../contracts/run.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import type { RunHost, SocketGrant } from "../../../worker/ports/run-host.ts";
import { createTestApi, testConfig } from "../app.ts";
import { Client, newMember, newPerson } from "../client.ts";
import { countedTrips } from "../d1.ts";
import { memoryHost } from "../memory-host.ts";
import { endRunsOf } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await newWorld();
});

afterAll(() => endRunsOf(world.me.activeTenantId));

/** A browser with the cookies of another, over its own binding and host. */
function over(d1: D1Database, host: RunHost, { cookies }: Client): Client {
  const client = new Client(createTestApi(d1, testConfig, { runs: host }));
  for (const [name, value] of cookies) client.cookies.set(name, value);
  return client;
}

function asked(more: object = {}): object {
  return {
    projectId: world.project.id,
    repositoryId: world.repository.id,
    mode: "implement",
    model: "claude-test",
    prompt: "Do it.",
    ...more,
  };
}

const start = (client: Client, more?: object): Promise<Run> =>
  client.ask(runSchema, 201, "POST", "/api/runs", asked(more));

describe("the first socket of a new run", () => {
  const grantCookie = "assembly-lime.run_socket";

  /** The world's person over a host that opens every granted socket; `granted` has them with their keys, `trips` counts those to D1. */
  function watching() {
    const { d1, trips } = countedTrips(env.DB);
    const memory = memoryHost(createDatabase(env.DB), { writes: "when_asked" });
    const granted: { readonly id: number; readonly key: string }[] = [];
    const given: (SocketGrant | undefined)[] = [];
    const host: RunHost = {
      ...memory,
      command: (id, caller, command) => {
        if (command.kind === "start") given.push(command.grant);
        return memory.command(id, caller, command);
      },
      socket: async (id) => Response.json({ id }),
      grantedSocket: async (id, _request, { grantKey: key }) => {
        granted.push({ id, key });
        return new Response(null, { status: 101, webSocket: new WebSocketPair()[0] });
      },
    };
    const client = over(d1, host, world.client);
    const open = (id: string, from = client): Promise<Response> =>
      from.send("GET", `/api/runs/${id}/socket`, undefined, { upgrade: "websocket", origin: testConfig.publicUrl });
    return { client, host, granted, given, open, trips };
  }

  test("is opened by the start's grant without a round trip to D1, where signing out finds it before it is open", async () => {
    const { client, given, granted, open, trips } = watching();
    const run = await start(client);
    const session = await env.DB.prepare("select session_id as n from open_socket where object = 'run:' || ?")
      .bind(run.id)
      .first<number>("n");
    expect(given.map((grant) => grant?.sessionKey)).toEqual([String(session)]);
    const before = trips();
    expect((await open(run.id)).status).toBe(101);
    expect(trips() - before).toBe(0);
    expect(granted).toEqual([{ id: Number(run.id), key: given[0]?.key }]);
  });

  test("asks D1 when the run's host does not know the grant any more", async () => {
    const { client, host, open, trips } = watching();
    Object.assign(host, { grantedSocket: async () => new Response(null, { status: 401 }) });
    const run = await start(client);
    const before = trips();
    expect(await (await open(run.id)).json()).toEqual({ id: Number(run.id) });
    expect(trips() - before).toBe(1);
  });

  test("is not opened by another session's grant, another run's or a changed one: such a grant does not reach the host", async () => {
    const { client, granted, host, open } = watching();
    const first = await start(client);
    const firstGrant = client.cookies.get(grantCookie) ?? "";
    const second = await start(client);
    const stranger = over(env.DB, host, (await newPerson()).client);
    stranger.cookies.set(grantCookie, firstGrant);
    expect((await open(first.id, stranger)).status).toBe(404);
    const colleague = over(env.DB, host, (await newMember(world.me.activeTenantId, "dev")).client);
    colleague.cookies.set(grantCookie, firstGrant);
    expect(await (await open(first.id, colleague)).json()).toEqual({ id: Number(first.id) });
    client.cookies.set(grantCookie, firstGrant);
    expect(await (await open(second.id)).json()).toEqual({ id: Number(second.id) });
    client.cookies.set(grantCookie, firstGrant.replace(/^[^.]*/u, crypto.randomUUID()));
    expect(await (await open(first.id)).json()).toEqual({ id: Number(first.id) });
    expect(granted).toEqual([]);
  });

  test("is granted to no browser by a start that names a run of before", async () => {
    const { client, given } = watching();
    const key = { idempotencyKey: crypto.randomUUID() };
    await start(client, key);
    client.cookies.delete(grantCookie);
    await start(client, key);
    expect([given.length, client.cookies.has(grantCookie)]).toEqual([1, false]);
  });

  test("goes with a cookie that no script reads and that only its own address gets, for seconds", async () => {
    const { client } = watching();
    const response = await client.send("POST", "/api/runs", asked());
    const { id } = runSchema.parse(await response.json());
    const [line = ""] = response.headers.getSetCookie();
    expect(line.split("; ").slice(1).toSorted()).toEqual(
      ["HttpOnly", "Max-Age=5", `Path=/api/runs/${id}/socket`, "SameSite=Strict"].toSorted(),
    );
  });
});

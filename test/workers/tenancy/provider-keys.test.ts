import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { problemSchema } from "../../../contracts/errors.ts";
import { providerKeySchema } from "../../../contracts/provider-key.ts";
import { newMember, type Client } from "../client.ts";
import { newWorld, type World } from "../world.ts";

const list = z.object({ items: z.array(providerKeySchema) });
const secret = "sk-ant-test-canary-4f2a9c71d0";

let world: World;
let other: World;
let pm: Client;
beforeAll(async () => {
  world = await newWorld();
  other = await newWorld();
  pm = (await newMember(world.me.activeTenantId, "pm")).client;
});

describe("a tenant's own provider key", () => {
  test("is set by an admin, stored sealed, shown by its last four characters, and seen by no other tenant", async () => {
    const put = await world.client.send("PUT", "/api/provider-keys/anthropic", { key: secret });
    expect(put.status).toBe(200);
    const text = await put.text();
    expect(text).not.toContain("canary");
    expect(providerKeySchema.parse(JSON.parse(text))).toMatchObject({ provider: "anthropic", lastFour: "71d0" });
    const stored = await env.DB.prepare("select * from provider_key where tenant_id = ?")
      .bind(Number(world.me.activeTenantId))
      .all();
    expect(JSON.stringify(stored.results)).not.toContain("canary");
    const audit = await env.DB.prepare("select data from audit where tenant_id = ? and action = 'provider_key.set'")
      .bind(Number(world.me.activeTenantId))
      .all();
    expect(audit.results).toHaveLength(1);
    expect(JSON.stringify(audit.results)).not.toContain("canary");
    const shown = await world.client.send("GET", "/api/provider-keys");
    const shownText = await shown.text();
    expect(shownText).not.toContain("canary");
    expect(list.parse(JSON.parse(shownText)).items).toHaveLength(1);
    expect((await other.client.ask(list, 200, "GET", "/api/provider-keys")).items).toEqual([]);
    expect((await other.client.send("DELETE", "/api/provider-keys/anthropic")).status).toBe(404);
  });

  test("that the provider refuses is not kept", async () => {
    const response = await world.client.send("PUT", "/api/provider-keys/openai", {
      key: "refused-key-of-the-provider",
    });
    const problem = problemSchema.parse(await response.json());
    expect([problem.code, problem.issues?.[0]?.path]).toEqual(["invalid_request", "key"]);
    expect((await world.client.ask(list, 200, "GET", "/api/provider-keys")).items).toHaveLength(1);
  });

  test.each([{}, { key: "short" }, { key: "with a space in it ......" }, { key: "x".repeat(501) }])(
    "%j is refused with the field's name",
    async (body) => {
      const response = await world.client.send("PUT", "/api/provider-keys/openai", body);
      expect(response.status).toBe(400);
      expect(problemSchema.parse(await response.json()).issues?.[0]?.path).toBe("key");
    },
  );

  test("is the admin's alone", async () => {
    expect((await pm.send("GET", "/api/provider-keys")).status).toBe(403);
    expect((await pm.send("PUT", "/api/provider-keys/anthropic", { key: secret })).status).toBe(403);
    expect((await pm.send("DELETE", "/api/provider-keys/anthropic")).status).toBe(403);
  });

  test("can be removed, once", async () => {
    expect((await world.client.send("DELETE", "/api/provider-keys/anthropic")).status).toBe(204);
    expect((await world.client.send("DELETE", "/api/provider-keys/anthropic")).status).toBe(404);
  });
});

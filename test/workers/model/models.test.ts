import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { modelSchema, type Model } from "../../../contracts/model.ts";
import { models, retiredModels } from "../../../domain/budget/models.ts";
import { createTestApi, testConfig } from "../app.ts";
import { auditOf, newPerson, type Client } from "../client.ts";
import { newWorld } from "../world.ts";

const today = Date.UTC(2026, 10, 21);
const page = z.object({ items: z.array(modelSchema), nextCursor: z.null() });
let client: Client;

beforeEach(async () => {
  ({ client } = await newPerson());
  client.api = createTestApi(env.DB, testConfig, { now: () => today });
});

const list = async (): Promise<readonly Model[]> => (await client.ask(page, 200, "GET", "/api/models")).items;
const find = async (id: string): Promise<Model | undefined> => (await list()).find((model) => model.id === id);
const defaults = async () => (await list()).filter((model) => model.isDefault).map((model) => model.id);
const change = (id: string, body: unknown) =>
  client.ask(modelSchema, 200, "PUT", `/api/models/${encodeURIComponent(id)}`, body);
const add = (id: string, more: object = {}) =>
  client.ask(modelSchema, 201, "POST", "/api/models", { id, provider: "anthropic", name: "Mine", ...more });

describe("a tenant's models", () => {
  test("can be used with a key of the tenant's own where the deployment has none", async () => {
    expect(
      (await client.send("PUT", "/api/provider-keys/openai", { key: "sk-own-0123456789-0123456789" })).status,
    ).toBe(200);
    expect(await find("gpt-6.1-sol")).toMatchObject({ available: true, reason: null });
  });

  test("are the product's at first, with prices, and one default", async () => {
    const items = await list();
    expect(items.map((model) => model.id)).toEqual([...models.map((model) => model.id), "claude-test"]);
    expect(await defaults()).toEqual(["claude-opus-5-5"]);
    expect(await find("claude-opus-5-5")).toMatchObject({
      available: true,
      enabled: true,
      origin: "list",
      price: { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5, long: null },
    });
    expect(await find("gpt-6.1-sol")).toMatchObject({
      available: false,
      reason: "This deployment has no OPENAI_API_KEY.",
    });
    expect(await find("claude-test")).toMatchObject({ price: null });
  });

  test("can be switched off, and are then refused by name", async () => {
    const world = await newWorld();
    ({ client } = world);
    client.api = createTestApi(env.DB, testConfig, { now: () => today });
    await change("claude-haiku-5-5", { enabled: false });
    expect(await find("claude-haiku-5-5")).toMatchObject({ enabled: false, available: false });
    const start = (model: string) =>
      client.problem("POST", "/api/runs", {
        projectId: world.project.id,
        repositoryId: world.repository.id,
        mode: "implement",
        model,
        prompt: "Do it",
      });
    expect(await start("claude-haiku-5-5")).toMatchObject({
      code: "model_unavailable",
      detail: "Claude Haiku 5.5 is switched off. An admin can switch it on in Settings, Models.",
      issues: [{ path: "model" }],
    });
    expect(await start("claude-opus-4-1")).toMatchObject({
      code: "model_unavailable",
      detail: "Claude Opus 4.1 was retired by its vendor on 2026-08-05. Use Claude Opus 5.5 (claude-opus-5-5).",
    });
    expect(await start("no-such-model")).toMatchObject({ code: "unknown_model" });
    expect(await change("claude-haiku-5-5", { enabled: true })).toMatchObject({ available: true });
  });

  test("have the default that an admin chooses, which can't be switched off or removed", async () => {
    await add("mine-1");
    await change("mine-1", { isDefault: true });
    expect(await defaults()).toEqual(["mine-1"]);
    for (const [method, body] of [
      ["PUT", { enabled: false }],
      ["DELETE", undefined],
    ] as const)
      expect(await client.problem(method, "/api/models/mine-1", body)).toMatchObject({
        code: "conflict",
        detail: "Mine is the default. Make another model the default first.",
      });
    await change("claude-sonnet-5-5", { isDefault: true });
    expect(await defaults()).toEqual(["claude-sonnet-5-5"]);
    expect(await client.problem("PUT", "/api/models/gpt-6.1-sol", { isDefault: true })).toMatchObject({
      code: "conflict",
    });
    expect(
      await client.problem("PUT", "/api/models/claude-opus-5-5", { isDefault: true, enabled: false }),
    ).toMatchObject({ code: "conflict" });
    expect(await defaults()).toEqual(["claude-sonnet-5-5"]);
  });

  test("take ids by hand, whose price is unknown, and let them go again", async () => {
    expect(await add("ft:gpt-6-luna:acme/2026", { provider: "openai", name: "Tuned" })).toMatchObject({
      origin: "own",
      price: null,
      agent: "Codex",
      available: false,
    });
    expect((await change("ft:gpt-6-luna:acme/2026", { name: "Ours" })).name).toBe("Ours");
    expect((await client.send("DELETE", `/api/models/${encodeURIComponent("ft:gpt-6-luna:acme/2026")}`)).status).toBe(
      204,
    );
    expect(await find("ft:gpt-6-luna:acme/2026")).toBeUndefined();
    const tenantId = (await client.me()).activeTenantId;
    expect(
      (await auditOf(tenantId)).map(({ action }) => action).filter((action) => action.startsWith("model.")),
    ).toEqual(["model.added", "model.changed", "model.removed"]);
  });

  test("refuse an existing model, a retired model and an invalid id", async () => {
    await add("mine-2");
    const refuse = (id: string) => client.problem("POST", "/api/models", { id, provider: "anthropic", name: "Mine" });
    expect(await refuse("mine-2")).toMatchObject({ code: "conflict", issues: [{ path: "id" }] });
    expect(await refuse("claude-opus-5-5")).toMatchObject({ code: "conflict" });
    expect(await refuse("gpt-4")).toMatchObject({
      code: "invalid_request",
      detail: expect.stringContaining("gpt-6.1-sol"),
    });
    for (const id of ["", "a b", "../x", "x".repeat(101)]) expect((await refuse(id)).code).toBe("invalid_request");
    expect(await client.problem("PUT", "/api/models/claude-opus-5-5", { name: "Other" })).toMatchObject({
      code: "conflict",
    });
    expect(await client.problem("DELETE", "/api/models/claude-opus-5-5")).toMatchObject({ code: "conflict" });
    expect(await client.problem("PUT", "/api/models/none", { enabled: true })).toMatchObject({ code: "not_found" });
    expect(await client.problem("PUT", "/api/models/mine-2", {})).toMatchObject({ code: "invalid_request" });
  });

  test("are marked when they are to be retired, and can't be used from that day on", async () => {
    await add("claude-sonnet-4-5");
    expect(await find("claude-sonnet-4-5")).toMatchObject({
      available: true,
      retirement: { on: "2026-11-30", isPast: false, successor: "claude-sonnet-5-5" },
    });
    await change("claude-sonnet-4-5", { isDefault: true });
    client.api = createTestApi(env.DB, testConfig, { now: () => Date.UTC(2026, 10, 30) });
    expect(await find("claude-sonnet-4-5")).toMatchObject({ available: false, retirement: { isPast: true } });
    expect(await defaults()).toEqual(["claude-opus-5-5"]);
  });

  test("never have a retired id on the product's list, and every successor is on it", () => {
    for (const { id, retiresOn, successor } of retiredModels) {
      expect(models.map((model) => model.id)).not.toContain(id);
      expect(models.map((model) => model.id)).toContain(successor);
      expect(new Date(retiresOn).toISOString().slice(0, 10)).toBe(retiresOn);
    }
    expect(new Set(retiredModels.map(({ id }) => id)).size).toBe(retiredModels.length);
  });
});

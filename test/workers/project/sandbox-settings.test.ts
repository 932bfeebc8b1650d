import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { problemSchema } from "../../../contracts/errors.ts";
import { defaultSandboxSettings, sandboxSettingsSchema } from "../../../contracts/sandbox.ts";
import { auditOf } from "../client.ts";
import { newWorld, type World } from "../world.ts";

let world: World;
let path: string;

beforeEach(async () => {
  world = await newWorld();
  path = `/api/projects/${world.project.id}/sandbox`;
});

const set = (body: unknown) => world.client.ask(sandboxSettingsSchema, 200, "PUT", path, body);
const read = () => world.client.ask(sandboxSettingsSchema, 200, "GET", path);

describe("a project's sandbox settings", () => {
  test("are the defaults until they are set, then stay as set, with an audit entry", async () => {
    expect(await read()).toEqual(defaultSandboxSettings);
    const large = { ...defaultSandboxSettings, size: "large" };
    expect(await set({ size: "large" })).toEqual(large);
    expect(await read()).toEqual(large);
    expect(await auditOf(world.me.activeTenantId)).toContainEqual(
      expect.objectContaining({ action: "project.sandbox_set", subject: `project:${world.project.id}` }),
    );
  });

  test("with an image, an allow-list or another driver are refused, and nothing changes", async () => {
    for (const [body, field] of [
      [{ image: "node:24" }, "image"],
      [{ egress: { allow: ["registry.npmjs.org"] } }, "egress.allow"],
      [{ driver: "cloudflare" }, "driver"],
    ] as const) {
      const problem = await world.client.ask(problemSchema, 400, "PUT", path, body);
      expect(problem).toMatchObject({ code: "invalid_request", issues: [{ path: field }] });
    }
    expect(await read()).toEqual(defaultSandboxSettings);
  });

  test("that were stored before a field was there have its default", async () => {
    await env.DB.prepare("update project set sandbox_settings = ? where id = ?")
      .bind(JSON.stringify({ size: "small" }), Number(world.project.id))
      .run();
    expect(await read()).toEqual({ ...defaultSandboxSettings, size: "small" });
  });
});

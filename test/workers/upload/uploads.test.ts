import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { imageSchema, maxImageBytes } from "../../../contracts/upload.ts";
import { createR2 } from "../../../worker/adapters/r2/index.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import type { BlobPort } from "../../../worker/ports/blobs.ts";
import { concat, gif, jpeg, png, webp } from "../../images.ts";
import { createTestApi, testConfig } from "../app.ts";
import { auditOf, Client, newMember, newPerson } from "../client.ts";
import { memoryHost } from "../memory-host.ts";
import { imageOf, newWorld, type World } from "../world.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("an upload", () => {
  let world: World;
  beforeAll(async () => {
    world = await newWorld();
  });

  test.each([
    ["image/png", png(20, 10)],
    ["image/jpeg", jpeg(20, 10)],
    ["image/gif", gif(20, 10)],
    ["image/webp", webp("VP8L", 20, 10)],
  ] as const)("of %s is kept and served as what its bytes are", async (mediaType, bytes) => {
    const response = await world.client.send("POST", "/api/uploads", bytes, { "content-type": "text/html" });
    expect(response.status).toBe(201);
    const image = imageSchema.parse(await response.json());
    expect(image).toEqual({ id: image.id, mediaType, sizeBytes: bytes.length, width: 20, height: 10 });
    const served = await world.client.send("GET", `/api/uploads/${image.id}`);
    expect(served.headers.get("content-type")).toBe(mediaType);
    expect(served.headers.get("x-content-type-options")).toBe("nosniff");
    expect(served.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox; frame-ancestors 'none'");
    expect(served.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
    expect(served.headers.get("vary")).toBe("cookie");
    expect(new Uint8Array(await served.arrayBuffer())).toEqual(bytes);
  });

  test("sent again is the same image, kept and recorded once", async () => {
    const bytes = png(7, 7);
    const first = await world.client.ask(imageSchema, 201, "POST", "/api/uploads", bytes);
    expect(await world.client.ask(imageSchema, 201, "POST", "/api/uploads", bytes)).toEqual(first);
    const recorded = await auditOf(world.me.activeTenantId);
    expect(recorded.filter((entry) => entry.subject === `image:${first.id}`)).toEqual([
      { action: "image.uploaded", subject: `image:${first.id}` },
    ]);
  });

  test.each([
    ["SVG", text("<svg onload='alert(1)'/>"), 400, "SVG is not taken"],
    ["HTML that calls itself an image", text("<html>"), 400, "This is no image that can be taken. PNG, JPEG, GIF"],
    ["half a header", png(9, 9).subarray(0, 18), 400, "The image is damaged"],
    ["nothing", new Uint8Array(0), 400, "The body is empty"],
    ["too many pixels a side", png(8001, 1), 413, "has 8001 x 1 pixels; a side may have at most 8000"],
    ["too many bytes", concat(png(2, 2), new Uint8Array(maxImageBytes)), 413, "at most 3.9 MB"],
  ] as const)("of %s is refused in words", async (_, bytes, status, words) => {
    const problem = await world.client.problem("POST", "/api/uploads", bytes, { "content-type": "image/png" });
    expect(problem.status).toBe(status);
    expect(problem.detail).toContain(words);
  });

  test("of exactly the largest size is kept", async () => {
    const head = png(2, 2);
    const bytes = concat(head, new Uint8Array(maxImageBytes - head.length));
    expect((await world.client.ask(imageSchema, 201, "POST", "/api/uploads", bytes)).sizeBytes).toBe(maxImageBytes);
  });

  test("is known to its tenant alone, also to one who knows its id", async () => {
    const { client: stranger } = await newPerson();
    const foreign = await stranger.problem("GET", `/api/uploads/${world.imageId}`);
    const missing = await stranger.problem("GET", `/api/uploads/${"a".repeat(64)}`);
    expect({ ...foreign, requestId: "" }).toEqual({ ...missing, requestId: "" });
    expect((await stranger.problem("GET", "/api/uploads/..%2f..%2f1")).code).toBe("invalid_request");
    const { client: viewer } = await newMember(world.me.activeTenantId, "viewer");
    expect((await viewer.send("GET", `/api/uploads/${world.imageId}`)).status).toBe(200);
  });
});

/** The same person in front of an app with other dependencies. */
function elsewhere(world: World, change: Parameters<typeof createTestApi>[2]): Client {
  const client = new Client(createTestApi(env.DB, testConfig, change));
  for (const [name, value] of world.client.cookies) client.cookies.set(name, value);
  return client;
}

test("too many uploads are refused with when to go on", async () => {
  const world = await newWorld();
  const asked: string[] = [];
  const client = elsewhere(world, {
    mayUpload: async (who) => {
      asked.push(who);
      return false;
    },
  });
  const response = await client.send("POST", "/api/uploads", png(5, 5));
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "60"]);
  expect(await response.text()).toContain("Wait a minute");
  expect(asked).toEqual([`${world.me.activeTenantId}:person:${world.me.user.id}`]);
});

test("a store that is away is a clear 503, and nothing is recorded", async () => {
  const world = await newWorld();
  const before = await auditOf(world.me.activeTenantId);
  const away = async (): Promise<never> => {
    throw new Error("we encountered an internal error");
  };
  const bucket = { head: away, put: away, get: away, delete: away } as unknown as R2Bucket;
  const client = elsewhere(world, { blobs: createR2(bucket) });
  for (const [method, path, body] of [
    ["POST", "/api/uploads", png(6, 6)],
    ["GET", `/api/uploads/${world.imageId}`, undefined],
  ] as const) {
    const problem = await client.problem(method, path, body);
    expect(problem).toMatchObject({
      code: "unavailable",
      detail: "The object store does not answer. Try again in a moment.",
    });
  }
  expect(await auditOf(world.me.activeTenantId)).toEqual(before);
});

describe("a run's images", () => {
  const start = (world: World, images: readonly string[]) => ({
    projectId: world.project.id,
    repositoryId: world.repository.id,
    mode: "implement",
    model: "claude-test",
    prompt: "Look.",
    images,
  });

  test("that are not the tenant's are refused where they stand", async () => {
    const world = await newWorld();
    const theirs = await newWorld();
    const foreign = await theirs.client.ask(imageSchema, 201, "POST", "/api/uploads", png(11, 11));
    const problem = await world.client.problem("POST", "/api/runs", start(world, [world.imageId, foreign.id]));
    expect(problem).toMatchObject({
      code: "invalid_request",
      issues: [{ path: "images.1", message: "is not an image of this tenant; upload it first" }],
    });
    const many = await world.client.problem("POST", "/api/runs", start(world, Array<string>(11).fill(world.imageId)));
    expect(many.issues).toEqual([{ path: "images", message: "At most 10 images go with a prompt." }]);
    expect((await world.client.problem("POST", "/api/runs", start(world, ["../x"]))).issues?.[0]?.path).toBe(
      "images.0",
    );
  });

  test("that are too large together are refused", async () => {
    const world = await newWorld();
    const ids: string[] = [];
    for (const side of [2, 3, 4, 5]) {
      const head = png(side, side);
      const bytes = concat(head, new Uint8Array(3_500_000 - head.length));
      ids.push((await world.client.ask(imageSchema, 201, "POST", "/api/uploads", bytes)).id);
    }
    const problem = await world.client.problem("POST", "/api/runs", start(world, ids));
    expect(problem.issues?.[0]).toMatchObject({ path: "images" });
    expect(problem.detail).toContain("have 14.0 MB together; at most 12 MB");
  });

  test("reach the run's host in their order, each once", async () => {
    const world = await newWorld();
    const second = await world.client.ask(imageSchema, 201, "POST", "/api/uploads", png(12, 12));
    const runs = memoryHost(createDatabase(env.DB));
    const client = elsewhere(world, { runs });
    const ids = [second.id, world.imageId, second.id];
    expect((await client.send("POST", "/api/runs", start(world, ids))).status).toBe(201);
    expect((await client.send("POST", "/api/runs", { ...start(world, []), images: undefined })).status).toBe(201);
    expect(runs.started.map(({ created }) => created.images)).toEqual([
      [second, { id: world.imageId, mediaType: "image/png", sizeBytes: imageOf(world.me).length, width: 2, height: 1 }],
      [],
    ]);
  });
});

test("the store keeps, tells, gives and forgets", async () => {
  const store: BlobPort = createR2(env.BLOBS);
  const key = `tenants/0/images/${crypto.randomUUID()}`;
  expect([await store.get(key), await store.head(key)]).toEqual([undefined, undefined]);
  const blob = { bytes: png(2, 2), contentType: "image/png" };
  await store.put(key, blob, { width: "2" });
  expect(await store.get(key)).toEqual(blob);
  expect(await store.head(key)).toEqual({
    sizeBytes: blob.bytes.length,
    contentType: "image/png",
    notes: { width: "2" },
  });
  await store.delete(key);
  expect(await store.get(key)).toBeUndefined();
});

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { folderCycles } from "../../../tools/lint/folder-cycles.ts";

let root = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "folder-cycles-"));
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

test("two folders that import each other are reported, with the imports", async () => {
  const found = await cycles({
    "domain/run/a.ts": 'import { b } from "../policy/b.ts";',
    "domain/policy/b.ts": "export const b = 1;",
    "domain/policy/c.ts": 'export { a } from "../run/a.ts";',
  });
  expect(found).toEqual([
    "folders import each other: domain/policy/ <-> domain/run/\n" +
      "  domain/run/a.ts imports domain/policy/b.ts\n" +
      "  domain/policy/c.ts imports domain/run/a.ts",
  ]);
});

test("a circle of three is one circle", async () => {
  const found = await cycles({
    "local/x/a.ts": 'import "../y/a.ts";',
    "local/y/a.ts": 'import "../z/a.ts";',
    "local/z/a.ts": 'import "../x/a.ts";',
  });
  expect(found).toHaveLength(1);
  expect(found[0]).toContain("local/x/ <-> local/y/ <-> local/z/");
});

test("one direction, a parent's own files, types alone and the Worker with its Durable Objects are no circle", async () => {
  const found = await cycles({
    "web/lib/a.ts": "export const a = 1;",
    "web/app/a.ts": 'import { a } from "../lib/a.ts";',
    "local/server.ts": 'import "./routes/a.ts";',
    "local/routes/a.ts": 'import "../server.ts";',
    "domain/run/t.ts": 'import type { P } from "../policy/t.ts";',
    "domain/policy/t.ts": 'import { R } from "../run/t.ts";',
    "worker/index.ts": "export const index = 1;",
    "worker/compose.ts": 'import "../durable-objects/run/o.ts";',
    "worker/entry.ts": 'import "./compose.ts";',
    "durable-objects/run/o.ts": 'import "../../worker/compose.ts";',
  });
  expect(found).toEqual([]);
});

async function cycles(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return folderCycles(root, Object.keys(files));
}

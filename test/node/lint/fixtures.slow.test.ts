import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import * as z from "zod";

const root = join(import.meta.dirname, "../../..");
const fixtures = join(root, "tools/lint/fixtures");
const oxlint = join(root, "node_modules/.bin/oxlint");
const folders: string[] = [];
/** The linter starts the type checker; a busy machine takes its time. */
const timeoutMs = 120_000;

const reportSchema = z.object({
  diagnostics: z.array(
    z.object({
      code: z.string(),
      filename: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.int() }) })).min(1),
    }),
  ),
});

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const rules = await readdir(fixtures);

test("every own rule has a fixture", async () => {
  const names = (await readdir(join(root, "tools/lint/rules"))).map((file) => file.replace(/\.ts$/, ""));
  expect(rules).toEqual(expect.arrayContaining(names));
});

test.each(rules)(
  "%s: the broken fixture is refused line by line",
  async (rule) => {
    const folder = join(fixtures, rule, "broken");
    const expected = await expectedBreaches(folder);
    expect(expected.length).toBeGreaterThan(0);
    expect(await lint(folder)).toEqual(expected);
  },
  timeoutMs,
);

test.each(rules)(
  "%s: the clean fixture passes",
  async (rule) => {
    const folder = join(fixtures, rule, "clean");
    expect(await expectedBreaches(folder)).toEqual([]);
    expect(await lint(folder)).toEqual([]);
  },
  timeoutMs,
);

/** Lints a fixture with the project's own configuration, as if its files lay at the root; answers sorted `file:line rule`. */
async function lint(fixture: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "lint-fixture-"));
  folders.push(folder);
  await cp(fixture, folder, { recursive: true });
  for (const name of [".oxlintrc.json", "tsconfig.json", "tsconfig.base.json", "tsconfig"]) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  for (const name of ["tools", "node_modules"]) await symlink(join(root, name), join(folder, name));
  const { stdout } = await run([...(await readdir(fixture)), "--format", "json"], folder);
  return reportSchema
    .parse(JSON.parse(stdout))
    .diagnostics.map(
      ({ code, filename, labels }) => `${filename}:${labels[0]?.span.line} ${code.replace("(", "/").replace(")", "")}`,
    )
    .toSorted();
}

/** The breaches that the fixture declares: a line ending in `// breaks <rule>, <rule>` breaks exactly these. */
async function expectedBreaches(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    for (const [index, line] of (await readFile(path, "utf8")).split("\n").entries()) {
      const broken = /\/\/ breaks (.+)$/.exec(line)?.[1];
      for (const rule of broken?.split(", ") ?? []) found.push(`${relative(folder, path)}:${index + 1} ${rule}`);
    }
  }
  return found.toSorted();
}

async function run(args: readonly string[], cwd: string): Promise<{ readonly stdout: string }> {
  try {
    return await promisify(execFile)(oxlint, [...args], { cwd });
  } catch (error) {
    // Exit code 1 says that something was found.
    const failed = z.object({ code: z.literal(1), stdout: z.string() }).parse(error);
    return failed;
  }
}

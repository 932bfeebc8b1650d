import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { settle, startFixture, type Fixture } from "../stack-fixture.ts";

/*
 * One walk on the real wire over a repository whose archive is not its tree. What the agent edits there must land as git itself
 * would write it.
 */
let fixture: Fixture;
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "lime-attributes-"));
  fixture = await startFixture();
});

afterAll(async () => {
  await fixture?.close();
  rmSync(folder, { recursive: true, force: true });
});

const base: Readonly<Record<string, string>> = {
  ".gitattributes": "*.bat text eol=crlf\nversion.txt export-subst\n*.c ident\ntests/ export-ignore\n",
  "package.json": '{ "name": "odd", "scripts": { "test": "node --test" } }\n',
  "run.bat": "one\ntwo\n",
  "version.txt": "$Format:%H$\nfirst\n",
  "a.c": "/* $Id$ */\nint a;\n",
  "tests/b.test.js": "require('node:test')('old', () => {});\n",
};
const edits: Readonly<Record<string, readonly [string, string]>> = {
  "run.bat": ["two", "three"],
  "version.txt": ["first", "second"],
  "a.c": ["int a;", "int b;"],
  "tests/b.test.js": ["'old'", "'new'"],
};

test("files that attributes leave out of the archive or convert are edited, shown, approved and written as they are", async () => {
  for (const [name, content] of Object.entries(base)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  const target = await fixture.project("ATT", "odd", { kind: "directory", path: folder });
  const finish = { name: "finish", input: { title: "Change odd files", summary: "Done.", outcome: "done" } };
  const changes = Object.entries(edits).map(([name, [before, after]]) => ({
    name: "edit_file",
    input: { path: name, old_string: before, new_string: after },
  }));
  await fixture.script("odd-files", [{ toolCalls: changes }, { toolCalls: [finish] }]);
  const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };
  await fixture.script("Diff to review", [{ toolCalls: [review] }]);
  const run = await fixture.client.startRun({ ...target, mode: "implement", prompt: "odd-files" });
  const proposed = await settle(fixture.client, run);
  expect(proposed.run.state).toBe("WAITING_APPROVAL");
  const [patchSet] = await fixture.client.patchSets(run.id);
  if (patchSet === undefined) throw new Error("no patch set");
  expect(patchSet.patches.map(({ path: name, status }) => `${status} ${name}`).toSorted()).toEqual(
    Object.keys(edits)
      .map((name) => `modified ${name}`)
      .toSorted(),
  );
  expect(patchSet.violations.filter(({ severity }) => severity === "BLOCK")).toEqual([]);
  expect(JSON.stringify(proposed.events)).toContain("pass 1");
  await fixture.client.decide(run.id, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
  expect((await settle(fixture.client, run)).run.state).toBe("DONE");

  // The same edits by git itself.
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...args], { encoding: "utf8" });
  git("init", "--quiet");
  for (const [name, [before, after]] of Object.entries(edits))
    writeFileSync(path.join(folder, name), (base[name] ?? "").replace(before, after));
  git("add", "--all");
  const written = fixture.stack.forge?.writes().findLast(({ path: route }) => route.endsWith("/git/trees"));
  expect(written?.result).toBe(git("write-tree").trim());
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

function run(...args) {
  const resolveUnits = new URL("support/resolve-units.js", import.meta.url).href;
  return spawnSync(process.execPath, ["--import", resolveUnits, pathOf("../src/cli.js"), ...args], { encoding: "utf8" });
}

test("the command prints the report on a file", () => {
  const { status, stdout } = run(pathOf("builds.json"), "--now", "2026-03-01T12:00:00Z");
  assert.equal(status, 0);
  assert.equal(stdout, "api  passed  1m 35s  2 hours ago\n1 build, 0 failed\n");
});

test("the command says how it is used", () => {
  const { status, stderr } = run();
  assert.equal(status, 2);
  assert.match(stderr, /usage: lime-report/);
});

#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readBuilds } from "./builds.js";
import { report } from "./report.js";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { now: { type: "string" } } });
const [file] = positionals;
if (file === undefined) {
  console.error("usage: lime-report <builds.json> [--now <time>]");
  process.exitCode = 2;
} else {
  const now = values.now === undefined ? Date.now() : Date.parse(values.now);
  console.log(report(readBuilds(readFileSync(file, "utf8")), now));
}

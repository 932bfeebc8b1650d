import { spawnSync } from "node:child_process";
import path from "node:path";

/** Every benchmark, one after the other; each prints its own table. `npm run bench -- sockets` runs the named ones. */
const all = ["sockets", "dispatch", "long-run", "idle", "d1-writes", "spa-size", "prompt-cache"] as const;
const asked = process.argv.slice(2);
for (const name of all.filter((candidate) => asked.length === 0 || asked.includes(candidate))) {
  console.log(`\n# ${name}`);
  const result = spawnSync(process.execPath, [path.join(import.meta.dirname, `${name}.ts`)], { stdio: "inherit" });
  if (result.status !== 0) process.exitCode = 1;
}

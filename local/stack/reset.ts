import { existsSync, rmSync } from "node:fs";
import { messageOf } from "./errors.ts";
import { runningPid } from "./lock.ts";
import { dataDirFrom } from "./settings.ts";

const dataDir = dataDirFrom(process.env);
const pid = runningPid(dataDir);
if (pid !== undefined) {
  console.error(`Assembly Lime is running (process ${pid}): end it first with Ctrl-C, then reset.`);
  process.exit(1);
}
// Only a folder that a start has made is cleared, so that a mistyped ALIME_DATA_DIR costs nothing.
if (existsSync(dataDir) && !existsSync(`${dataDir}/secrets.json`)) {
  console.error(`${dataDir} holds no local data of Assembly Lime (no secrets.json): nothing was removed.`);
  process.exit(1);
}
try {
  rmSync(dataDir, { recursive: true, force: true });
  console.log(`Cleared ${dataDir}. The next start begins anew.`);
} catch (error) {
  console.error(`${dataDir} can't be removed: ${messageOf(error)}`);
  process.exit(1);
}

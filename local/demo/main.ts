import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ApiClient } from "../stack/client.ts";
import { messageOf } from "../stack/errors.ts";
import { readSettings } from "../stack/settings.ts";
import { startStack, type Stack } from "../stack/stack.ts";
import { printingLog } from "../stack/status.ts";
import { DemoPrinter } from "./printer.ts";
import { walkOneRepository } from "./walk-one-repository.ts";
import { walkTwoRepositories } from "./walk-two-repositories.ts";

/*
 * The whole path without a browser, through the public API. With `--url http://127.0.0.1:8787` it walks on a running
 * stack; else it starts one of its own in a temporary folder. Exit code 0 only if every step was seen to happen.
 */
const { values } = parseArgs({ options: { url: { type: "string" }, agent: { type: "string", default: "claude" } } });
const printer = new DemoPrinter();
let stack: Stack | undefined;
let folder: string | undefined;
const stopping = new AbortController();

async function clean(): Promise<void> {
  stopping.abort();
  const guard = setTimeout(() => process.exit(1), 2500);
  await stack?.close();
  if (folder !== undefined && process.exitCode === 1) console.error(`The stack's data and logs are kept in ${folder}`);
  else if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  clearTimeout(guard);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => void clean().finally(() => process.exit(130)));

try {
  let url = values.url;
  if (url === undefined) {
    console.log("Assembly Lime demo: a stack of its own in a temporary folder");
    folder = mkdtempSync(path.join(tmpdir(), "assembly-lime-demo-"));
    const settings = readSettings({
      ...process.env,
      PORT: "0",
      ALIME_DATA_DIR: folder,
      PUBLIC_URL: undefined,
      GITHUB_APP_ID: undefined,
    });
    stack = await startStack({ settings, log: printingLog(), signal: stopping.signal });
    url = stack.url;
  }
  const client = new ApiClient(new URL(url).origin);
  printer.chapter("The sign-in");
  const me = await client.signIn("lime-dev");
  printer.step(`signed in with GitHub as ${me.user.name}`);
  const options = { client, agent: values.agent === "codex" ? "Codex" : "Claude", printer } as const;
  await walkOneRepository(options);
  await walkTwoRepositories(options);
  printer.end("Everything happened as it should.");
} catch (error) {
  printer.failed(messageOf(error));
  process.exitCode = 1;
} finally {
  await clean();
}

import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const mainScript = join(import.meta.dirname, "../../../sandbox-host/main.ts");
const readyTimeoutMs = 120_000;

/**
 * Starts the sandbox host's main.ts as a process of its own and waits until it says that it is ready, or ends. `inherited` is a descriptor that
 * it gets as its 40th, `wrapper` are the words of a command before it.
 */
export async function startMain(
  env: Readonly<Record<string, string>>,
  inherited?: number,
  wrapper: readonly string[] = [],
) {
  const extra = inherited === undefined ? [] : [...Array.from({ length: 37 }, () => "ignore" as const), inherited];
  const child = spawn("env", [...wrapper, process.execPath, mainScript], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe", ...extra],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const ended = exited.then(() => true);
  for (const end = performance.now() + readyTimeoutMs; !output.includes("ready at");) {
    if (performance.now() > end) throw new Error(`the sandbox host was not ready in time: ${output}`);
    if ((await Promise.race([ended, delay(25, false)])) === true) break;
  }
  return { child, exited, output: () => output, url: /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? "" };
}

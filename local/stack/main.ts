import { messageOf, StackError } from "./errors.ts";
import { readSettings } from "./settings.ts";
import { startStack, type Stack } from "./stack.ts";
import { printingLog } from "./status.ts";

const stopping = new AbortController();
let stack: Stack | undefined;
let ending = false;

/** Ends everything and this process; a part that hangs can't hold it longer than 2.5 s. */
async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  stopping.abort();
  setTimeout(() => process.exit(code), 2500).unref();
  try {
    await stack?.close();
    // A start that is still under way ends its own parts.
    if (stack === undefined) await starting.catch(() => undefined);
  } finally {
    process.exit(code);
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (!ending && signal === "SIGINT") console.log("\nEnding ...");
    void end(0);
  });
}
// A closed terminal takes its pipes along; that must not keep the parts alive.
for (const pipe of [process.stdout, process.stderr]) pipe.on("error", () => void end(0));

async function start(): Promise<void> {
  const startedAt = performance.now();
  const settings = readSettings(process.env);
  console.log("Assembly Lime");
  const started = await startStack({ settings, log: printingLog(), signal: stopping.signal });
  stack = started;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const who = started.seeded === undefined ? "GitHub" : started.seeded.login;
  console.log(`\nReady in ${seconds} s. Ctrl-C ends all of it; the data stays in ${settings.dataDir}.`);
  console.log(`Open ${started.url} and sign in ${started.seeded === undefined ? "with" : "as"} ${who}`);
  await started.workerExited;
  if (ending) return;
  console.error("The Worker's process ended unexpectedly. Nothing is lost: start again with npm start.");
  await end(1);
}

const starting = start();
try {
  await starting;
} catch (error) {
  if (!ending) {
    console.error(error instanceof StackError ? error.message : `The start failed: ${messageOf(error)}`);
    if (!(error instanceof StackError) && error instanceof Error) console.error(error.stack);
    process.exitCode = 1;
    await end(1);
  }
}

import { parseArgs } from "node:util";
import { startModel } from "./index.ts";

const { values } = parseArgs({
  options: { port: { type: "string", default: "4010" }, "delta-delay-ms": { type: "string", default: "15" } },
});
const port = wholeNumber("--port", values.port, 65_535);
const deltaDelayMs = wholeNumber("--delta-delay-ms", values["delta-delay-ms"], 10_000);
try {
  const model = await startModel({ port, deltaDelayMs });
  console.log(`local model listening on ${model.url} (offline demo agent, no model)`);
  const stop = (): void => void model.close().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
} catch (error) {
  const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  console.error(taken ? `Port ${port} is taken: choose another with --port.` : error);
  process.exitCode = 1;
}

function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  console.error(`${name} must be a whole number from 0 to ${most}, not "${text}".`);
  return process.exit(1);
}

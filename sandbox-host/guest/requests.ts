import { GuestFailure } from "./failure.ts";

// The host is trusted; these readers turn a mistake into a clear failure.
function fields(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

function wrong(name: string): GuestFailure {
  return new GuestFailure("sandbox_failed", `request without a usable ${name}`);
}

function text(from: ReadonlyMap<string, unknown>, name: string): string {
  const value = from.get(name);
  if (typeof value !== "string") throw wrong(name);
  return value;
}

function count(from: ReadonlyMap<string, unknown>, name: string): number {
  const value = from.get(name);
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw wrong(name);
  return value;
}

/** Reads a request to run a command. Throws `sandbox_failed`. */
export function execRequest(value: unknown) {
  const from = fields(value);
  const argv = from.get("argv");
  if (!Array.isArray(argv) || !argv.every((item) => typeof item === "string")) throw wrong("argv");
  const env = Object.fromEntries([...fields(from.get("env"))].map(([name, setting]) => [name, String(setting)]));
  const { cwd, timeoutMs, maxOutputBytes } = {
    cwd: text(from, "cwd"),
    timeoutMs: count(from, "timeoutMs"),
    maxOutputBytes: count(from, "maxOutputBytes"),
  };
  return { argv, env, cwd, timeoutMs, maxOutputBytes };
}

/** Reads a request for a part of a file. Throws `sandbox_failed`. */
export function readRequest(value: unknown) {
  const from = fields(value);
  return { path: text(from, "path"), offset: count(from, "offset"), maxBytes: count(from, "maxBytes") };
}

/** Reads a request to write a file. Throws `sandbox_failed`. */
export function writeRequest(value: unknown) {
  const from = fields(value);
  const executable = from.get("executable");
  return { path: text(from, "path"), executable: typeof executable === "boolean" ? executable : undefined };
}

/** Reads a request to list a directory. Throws `sandbox_failed`. */
export function listRequest(value: unknown) {
  const from = fields(value);
  return { dir: text(from, "dir"), recursive: from.get("recursive") === true, limit: count(from, "limit") };
}

/** Reads a request that names one path. Throws `sandbox_failed`. */
export function pathRequest(value: unknown) {
  return { path: text(fields(value), "path") };
}

/** Reads a request to fill a directory. Throws `sandbox_failed`. */
export function seedRequest(value: unknown) {
  const from = fields(value);
  return { dir: text(from, "dir"), keep: from.get("keep") === true };
}

/** Reads a request to commit a directory as its base. Throws `sandbox_failed`. */
export function commitRequest(value: unknown) {
  const from = fields(value);
  return { dir: text(from, "dir"), base: text(from, "base") };
}

/** Reads a request about a seeded directory. Throws `sandbox_failed`. */
export function changesRequest(value: unknown) {
  return { dir: text(fields(value), "dir") };
}

/** Reads a request to connect to a port. Throws `sandbox_failed`. */
export function connectRequest(value: unknown) {
  return { port: count(fields(value), "port") };
}

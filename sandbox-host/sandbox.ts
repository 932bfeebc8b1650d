import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import * as z from "zod";
import { sandboxEntries, type SandboxExecRequest, type SandboxOpenRequest } from "../contracts/sandbox-host.ts";
import { collectChanges, parseGuest, type ChangeSet } from "./changes.ts";
import { HostError } from "./errors.ts";
import { overMemory } from "./memory.ts";
import { openTunnel } from "./port-tunnel.ts";
import type { SandboxProcess } from "./sandbox-process.ts";
import { seedSandbox, type SeededBase, type SeedLimits, type SeedTarget, type SeedTree } from "./seed.ts";

/** Added to a command's own timeout: a guest that lets it pass has lost control, and the sandbox is ended. */
const overtimeMs = 10_000;
/** The exit code of a command that was killed. */
const killedCode = 137;
const maxReadBytes = 64 * 1024 * 1024;
const maxListBytes = 64 * 1024 * 1024;
const defaultListLimit = 1000;
const maxListLimit = 20_000;

const execOutcome = z.strictObject({
  exitCode: z.int().min(0).max(255),
  truncated: z.boolean(),
  timedOut: z.boolean(),
  cancelled: z.boolean(),
});
const sizeNote = z.strictObject({ sizeBytes: z.int().min(0) });

export type ExecOutcome = z.infer<typeof execOutcome> & { readonly durationMs: number };

/** One open sandbox: the operations of the port, over the link to its guest. Each throws HostError. */
export class Sandbox {
  readonly id: string;
  readonly generation = randomUUID();
  readonly startedAt = Date.now();
  readonly spec: SandboxOpenRequest;
  readonly process: SandboxProcess;
  /** The last request to it, or the end of its last command; UTC milliseconds. */
  lastUsedAt = Date.now();
  readonly #commands = new Map<string, AbortController>();
  readonly #bases = new Map<string, SeededBase>();

  constructor(id: string, spec: SandboxOpenRequest, process: SandboxProcess) {
    this.id = id;
    this.spec = spec;
    this.process = process;
  }

  get runningCommands(): number {
    return this.#commands.size;
  }

  /** Unpacks a tarball into `dir` and records it as the base that `changes` compares with; with a tree, the base is the tree. */
  async seed(
    target: SeedTarget,
    tarball: AsyncIterable<Uint8Array>,
    limits: SeedLimits,
    tree?: SeedTree,
  ): Promise<{ readonly fileCount: number; readonly sizeBytes: number; readonly missing: readonly string[] }> {
    const key = directoryKey(target.dir);
    this.#bases.delete(key);
    const base = await seedSandbox(this.process.link, target, tarball, limits, tree);
    this.#bases.set(key, base);
    const missing = [...base.missing.keys()];
    return { fileCount: base.files.size + missing.length, sizeBytes: base.sizeBytes, missing };
  }

  /** Lays out a file that a seed of `dir` named as missing. */
  async seedFile(dir: string, path: string, content: Buffer): Promise<void> {
    await this.#base(dir).place(this.process.link, path, content);
  }

  /** Runs a command; `onOutput` gets the bytes as they come and holds the command back while it works on them. */
  async exec(
    request: SandboxExecRequest,
    onOutput: (stream: "stdout" | "stderr", bytes: Buffer) => Promise<void> | void,
  ): Promise<ExecOutcome> {
    if (this.#commands.has(request.execId)) {
      throw new HostError("duplicate_exec", `a command ${request.execId} is already running`);
    }
    const control = new AbortController();
    this.#commands.set(request.execId, control);
    const startedAt = performance.now();
    const killsBefore = this.process.cgroup?.memoryKills() ?? 0;
    const guard = setTimeout(() => void this.process.kill(), request.timeoutMs + overtimeMs);
    // Markers and the end of a cut character come on top.
    let allowedBytes = request.maxOutputBytes + 4096;
    try {
      const outcome = await this.process.link.call(
        {
          op: "exec",
          argv: request.argv,
          cwd: request.cwd ?? "",
          env: { ...this.spec.env, ...request.env },
          timeoutMs: request.timeoutMs,
          maxOutputBytes: request.maxOutputBytes,
        },
        {
          signal: control.signal,
          input: async (stream) => {
            if (request.stdinBase64 !== undefined) await stream.data(Buffer.from(request.stdinBase64, "base64"));
          },
          onData: async (bytes, channel) => {
            allowedBytes -= bytes.byteLength;
            if (allowedBytes < 0) throw new HostError("sandbox_failed", "the guest sent more output than it may");
            await onOutput(channel === "data" ? "stdout" : "stderr", bytes);
          },
        },
      );
      const durationMs = Math.round(performance.now() - startedAt);
      const parsed = parseGuest(execOutcome, outcome);
      const kills = this.process.cgroup?.memoryKills() ?? 0;
      if (parsed.exitCode === killedCode && kills > killsBefore) {
        const told = `${overMemory(this.spec)}: all of its commands were ended, its files are kept. Let them use less at once.\n`;
        await onOutput("stderr", Buffer.from(told));
      }
      return { ...parsed, durationMs };
    } finally {
      clearTimeout(guard);
      this.#commands.delete(request.execId);
      this.lastUsedAt = Date.now();
    }
  }

  /** Tells a running command to end; false when none has this id. */
  cancel(execId: string): boolean {
    const control = this.#commands.get(execId);
    control?.abort();
    return control !== undefined;
  }

  /** `onSize` is called once with the whole file's size, then `onData` with at most `maxBytes` of it. */
  async readFile(
    path: string,
    range: { readonly offset?: number | undefined; readonly maxBytes?: number | undefined },
    onSize: (sizeBytes: number) => void,
    onData: (bytes: Buffer) => Promise<void> | void,
  ): Promise<void> {
    const offset = range.offset ?? 0;
    const maxBytes = Math.min(range.maxBytes ?? maxReadBytes, maxReadBytes);
    let left = maxBytes;
    let sized = false;
    await this.process.link.call(
      { op: "read", path, offset, maxBytes },
      {
        onNote: (value) => {
          const { sizeBytes } = parseGuest(sizeNote, value);
          if (range.maxBytes === undefined && sizeBytes - offset > maxReadBytes) {
            throw new HostError("too_large", `${path} is too large to read at once: say offset and maxBytes`);
          }
          sized = true;
          onSize(sizeBytes);
        },
        onData: (bytes) => {
          left -= bytes.byteLength;
          if (!sized || left < 0) throw new HostError("sandbox_failed", "the guest sent what it must not");
          return onData(bytes);
        },
      },
    );
    if (!sized) throw new HostError("sandbox_failed", "the guest sent no size");
  }

  async writeFile(path: string, bytes: Buffer, executable: boolean | undefined): Promise<void> {
    await this.process.link.call(
      { op: "write", path, ...(executable === undefined ? {} : { executable }) },
      { input: (stream) => stream.data(bytes) },
    );
  }

  async list(dir: string, options: { readonly recursive: boolean; readonly limit: number | undefined }) {
    const chunks: Buffer[] = [];
    let length = 0;
    const limit = Math.min(options.limit ?? defaultListLimit, maxListLimit);
    await this.process.link.call(
      { op: "list", dir, recursive: options.recursive, limit },
      {
        onData: (bytes) => {
          length += bytes.byteLength;
          if (length > maxListBytes) throw new HostError("too_large", "the listing is too long");
          chunks.push(bytes);
        },
      },
    );
    return parseGuest(sandboxEntries, JSON.parse(Buffer.concat(chunks).toString("utf8")));
  }

  async remove(path: string): Promise<void> {
    await this.process.link.call({ op: "remove", path });
  }

  /** The difference from the base of the last seed of `dir`. Throws `not_found` when it was never seeded. */
  async changes(dir: string, maxBytes: number): Promise<ChangeSet> {
    const { files, missing } = this.#base(dir);
    if (missing.size > 0) throw new HostError("not_found", `the base of ${dir} is not whole`);
    return collectChanges(this.process.link, dir, files, maxBytes);
  }

  #base(dir: string): SeededBase {
    const base = this.#bases.get(directoryKey(dir));
    if (base === undefined) throw new HostError("not_found", `${dir} was not seeded`);
    return base;
  }

  /** A byte stream to a port inside the sandbox. Throws `port_closed`. */
  connect(port: number): Promise<Duplex> {
    return openTunnel(this.process.link, port);
  }
}

/** One name for one directory, whether it is given relative or absolute. */
function directoryKey(dir: string): string {
  const relative = dir.replace(/^\/workspace(?=\/|$)/, "");
  return relative
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

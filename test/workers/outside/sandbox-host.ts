import {
  sandboxExecRequest,
  sandboxHostPaths,
  sandboxSeedTree,
  type SandboxChangesHead,
  type SandboxExecFrame,
  type SandboxSummary,
} from "../../../contracts/sandbox-host.ts";
import { pathIn, type Program } from "../../fakes/sandbox/process.ts";
import { MemorySandbox } from "../../fakes/sandbox/memory-sandbox.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type { SandboxPort } from "../../../worker/ports/sandbox.ts";
import { concat } from "../../images.ts";
import type { OutsideLedger } from "./ledger.ts";

const encoder = new TextEncoder();
/** The limits of a sandbox of these tests; no test reaches them. */
const limits = { env: {}, memoryBytes: 1_000_000_000, diskBytes: 1_000_000_000, maxProcesses: 100 };

/** `add <path> <text>` appends a line; `check`, the repository's tests, passes its one test. */
const programs: Readonly<Record<string, Program>> = {
  add: (process, [path = "", ...words]) => {
    const { tree } = process;
    const place = pathIn(process, path);
    tree.makeDirectory(place.slice(0, place.lastIndexOf("/")));
    const before = tree.at(tree.resolve(place));
    const text = before?.kind === "file" ? new TextDecoder().decode(before.bytes) : "";
    tree.write(place, encoder.encode(`${text}${words.join(" ")}\n`));
    return 0;
  },
  check: ({ out }) => {
    out("ok 1 - checks\n1..1\n# tests 1\n# pass 1\n");
    return 0;
  },
};

/** A sandbox host by its wire contract, over sandboxes in memory. */
export class FakeSandboxHost {
  readonly #memory = new MemorySandbox(programs);

  ledger(): Pick<OutsideLedger, "commands" | "openSandboxes"> {
    const commands = this.#memory.commands.map(({ argv, execId = "", sandbox }) => ({
      ...{ sandbox, execId },
      command: argv[2] ?? "",
    }));
    return { commands, openSandboxes: [...this.#memory.openIds] };
  }

  reset(): void {
    this.#memory.dieAll();
    this.#memory.commands.length = 0;
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const [, id = "", action = ""] = /^\/v1\/sandboxes\/([a-z0-9-]+)(?:\/([a-z]+))?$/u.exec(url.pathname) ?? [];
    if (url.pathname === sandboxHostPaths.sandboxes) return json({ sandboxes: this.#listed() });
    if (id === "") return problem(new PortError("sandbox", "permanent", "not_found", "no such route"));
    try {
      if (action === "") return await this.#sandbox(request.method, id);
      const work = actions[`${request.method} ${action}`];
      if (work === undefined) return problem(new PortError("sandbox", "permanent", "not_found", "no such route"));
      return await work(this.#memory, id, url.searchParams, request);
    } catch (error) {
      if (error instanceof PortError) return problem(error);
      throw error;
    }
  }

  /** Each is told as an hour old. */
  #listed(): readonly SandboxSummary[] {
    const startedAt = Date.now() - 3_600_000;
    const idle = { startedAt, lastUsedAt: startedAt, runningCommands: 0, memoryBytes: 0, processes: 0 };
    return this.#memory.openIds.map((id) => ({ id, generation: "1", ...idle }));
  }

  async #sandbox(method: string, id: string): Promise<Response> {
    if (method !== "DELETE") return json(await this.#memory.open({ id, ...limits }));
    await this.#memory.destroy(id);
    return json({});
  }
}

type Action = (sandbox: SandboxPort, id: string, query: URLSearchParams, request: Request) => Promise<Response>;

const actions: Readonly<Record<string, Action>> = {
  "PUT seed": async (sandbox, id, query, request) => {
    const body: ReadableStream<Uint8Array> | null = request.body;
    if (body === null) throw new PortError("sandbox", "permanent", "invalid_archive", "no body");
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    const treeBytes = Number(query.get("treeBytes") ?? 0);
    const tree = sandboxSeedTree.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(0, treeBytes)) || "[]"));
    const files = tree.map(([path, mode, blob]) => ({ path, mode, blob }));
    const tarball: ReadableStream<Uint8Array> = new Blob([bytes.subarray(treeBytes)]).stream();
    return json(await sandbox.seed(id, query.get("dir") ?? "", tarball, query.get("base") ?? "", files));
  },
  "POST exec": async (sandbox, id, _query, request) => {
    const { argv, cwd = "", execId, maxOutputBytes, timeoutMs } = sandboxExecRequest.parse(await request.json());
    const frames: SandboxExecFrame[] = [];
    const onOutput = (stream: "stdout" | "stderr", text: string): void =>
      void frames.push({ type: "output", stream, text });
    const options = { cwd, execId, maxOutputBytes, timeoutMs, onOutput };
    const { stderr: _stderr, stdout: _stdout, ...exit } = await sandbox.exec(id, argv, options);
    frames.push({ type: "exit", ...exit });
    return new Response(frames.map((frame) => `${JSON.stringify(frame)}\n`).join(""));
  },
  "POST cancel": async () => json({ cancelled: false }),
  "GET list": async (sandbox, id, query) => {
    const recursive = query.get("recursive") === "true";
    return json(await sandbox.list(id, query.get("dir") ?? "", { recursive }));
  },
  "GET changes": async (sandbox, id, query) => {
    const changes = await sandbox.changes(id, query.get("dir") ?? "", { maxBytes: Number(query.get("maxBytes")) });
    const head: SandboxChangesHead = {
      changes: changes.map(({ bytes, ...change }) =>
        bytes === undefined ? change : { ...change, sizeBytes: bytes.length },
      ),
    };
    const headBytes = encoder.encode(JSON.stringify(head));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, headBytes.length);
    return new Response(concat(length, headBytes, ...changes.flatMap(({ bytes }) => bytes ?? [])));
  },
  "GET file": async (sandbox, id, query) => {
    const { bytes, sizeBytes } = await sandbox.readFile(id, query.get("path") ?? "");
    return new Response(Uint8Array.from(bytes), { headers: { "x-file-size-bytes": String(sizeBytes) } });
  },
  "PUT file": async (sandbox, id, query, request) => {
    const bytes = new Uint8Array(await request.arrayBuffer());
    await sandbox.writeFile(id, query.get("path") ?? "", bytes, { executable: query.get("executable") === "true" });
    return json({});
  },
  "DELETE file": async (sandbox, id, query) => {
    await sandbox.remove(id, query.get("path") ?? "");
    return json({});
  },
};

function json(body: unknown): Response {
  return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
}

function problem({ code, kind, message }: PortError): Response {
  const status = kind === "transient" ? 503 : 404;
  return new Response(JSON.stringify({ status, code, kind, detail: message }), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}

import { concat } from "../../images.ts";
import { sandboxExecRequest, type SandboxChangesHead } from "../../../contracts/sandbox-host.ts";
import { baseFiles, blobId } from "./forge.ts";
import type { OutsideLedger } from "./ledger.ts";

const encoder = new TextEncoder();
type Tree = Map<string, Uint8Array>;

interface Sandbox {
  readonly generation: string;
  readonly trees: Map<string, Tree>;
}

function json(body: unknown): Response {
  return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
}

function problem(status: number, code: string, kind: "transient" | "permanent"): Response {
  return new Response(JSON.stringify({ status, code, kind, detail: code }), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}

/** A sandbox host by its wire contract, with trees in memory and a tiny shell; it counts every command that is begun. */
export class FakeSandboxHost {
  readonly #sandboxes = new Map<string, Sandbox>();
  #commands: OutsideLedger["commands"] = [];
  #generations = 0;

  ledger(): Pick<OutsideLedger, "commands" | "openSandboxes"> {
    return { commands: this.#commands, openSandboxes: [...this.#sandboxes.keys()] };
  }

  reset(): void {
    this.#sandboxes.clear();
    this.#commands = [];
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const [, id = "", action = ""] = /^\/v1\/sandboxes\/([a-z0-9-]+)(?:\/([a-z]+))?$/u.exec(url.pathname) ?? [];
    if (id === "") return problem(404, "not_found", "permanent");
    if (action === "") return request.method === "DELETE" ? this.#destroy(id) : this.#open(id);
    const sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) return problem(404, "sandbox_gone", "transient");
    const query = url.searchParams;
    switch (`${request.method} ${action}`) {
      case "PUT seed":
        sandbox.trees.set(
          query.get("dir") ?? "",
          new Map(Object.entries(baseFiles).map(([path, content]) => [path, encoder.encode(content)])),
        );
        return json({ fileCount: Object.keys(baseFiles).length, sizeBytes: 100 });
      case "POST exec":
        return this.#exec(id, sandbox, await request.json());
      case "POST cancel":
        return json({ cancelled: false });
      case "GET list":
        return list(sandbox, query.get("dir") ?? "");
      case "GET changes":
        return changes(sandbox, query.get("dir") ?? "");
      default:
        return file(sandbox, request, query.get("path") ?? "");
    }
  }

  #open(id: string): Response {
    let sandbox = this.#sandboxes.get(id);
    if (sandbox === undefined) {
      this.#generations += 1;
      sandbox = { generation: `g${this.#generations}`, trees: new Map() };
      this.#sandboxes.set(id, sandbox);
    }
    return json({ id, generation: sandbox.generation, driver: "fake" });
  }

  #destroy(id: string): Response {
    this.#sandboxes.delete(id);
    return json({});
  }

  /** `add <path> <text>` appends a line; `check`, the repository's tests, passes. */
  #exec(id: string, sandbox: Sandbox, body: unknown): Response {
    const { argv, cwd = "", execId } = sandboxExecRequest.parse(body);
    const command = argv[2] ?? "";
    this.#commands.push({ sandbox: id, execId, command });
    const [verb, path = "", ...words] = command.split(" ");
    const tree = sandbox.trees.get(cwd);
    if (verb === "add" && tree !== undefined) {
      const before = new TextDecoder().decode(tree.get(path) ?? new Uint8Array());
      tree.set(path, encoder.encode(`${before}${words.join(" ")}\n`));
    }
    const exit = { type: "exit", exitCode: 0, truncated: false, timedOut: false, cancelled: false, durationMs: 1 };
    return new Response(`${JSON.stringify(exit)}\n`);
  }
}

function treeOf(sandbox: Sandbox, path: string): { readonly tree: Tree | undefined; readonly name: string } {
  const slash = path.indexOf("/");
  return slash < 0
    ? { tree: sandbox.trees.get(path), name: "" }
    : { tree: sandbox.trees.get(path.slice(0, slash)), name: path.slice(slash + 1) };
}

function list(sandbox: Sandbox, dir: string): Response {
  const { tree } = treeOf(sandbox, dir);
  if (tree === undefined) return problem(404, "not_found", "permanent");
  const entries = [...tree].map(([path, bytes]) => ({ path, kind: "file", sizeBytes: bytes.length }));
  return json({ entries, truncated: false });
}

async function file(sandbox: Sandbox, request: Request, path: string): Promise<Response> {
  const { name, tree } = treeOf(sandbox, path);
  if (tree === undefined) return problem(404, "not_found", "permanent");
  if (request.method === "PUT") {
    tree.set(name, new Uint8Array(await request.arrayBuffer()));
    return json({});
  }
  const bytes = tree.get(name);
  if (bytes === undefined) return problem(404, "not_found", "permanent");
  if (request.method === "DELETE") {
    tree.delete(name);
    return json({});
  }
  return new Response(Uint8Array.from(bytes), { headers: { "x-file-size-bytes": String(bytes.length) } });
}

/** Head length, head, contents: see `sandboxChangesHead`. */
function changes(sandbox: Sandbox, dir: string): Response {
  const { tree } = treeOf(sandbox, dir);
  if (tree === undefined) return problem(404, "not_found", "permanent");
  const head: SandboxChangesHead["changes"] = [];
  const bodies: Uint8Array[] = [];
  for (const [path, bytes] of [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const base = baseFiles[path];
    const afterBlob = blobId(bytes);
    const before =
      base === undefined ? {} : { beforeMode: "100644" as const, beforeBlob: blobId(encoder.encode(base)) };
    if (before.beforeBlob === afterBlob) continue;
    const status = base === undefined ? ("added" as const) : ("modified" as const);
    head.push({ path, status, ...before, afterMode: "100644", afterBlob, sizeBytes: bytes.length });
    bodies.push(bytes);
  }
  const headBytes = encoder.encode(JSON.stringify({ changes: head }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, headBytes.length);
  return new Response(concat(length, headBytes, ...bodies));
}

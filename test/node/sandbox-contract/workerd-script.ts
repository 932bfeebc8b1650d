import { createHostSandbox } from "../../../worker/adapters/host-sandbox/index.ts";
import { PortError } from "../../../worker/ports/errors.ts";

interface Settings {
  readonly SANDBOX_HOST_URL: string;
  readonly SANDBOX_HOST_TOKEN: string;
}

/** Walks through the port inside workerd; POST a tarball, get what each step gave as JSON. */
export async function walkThrough(request: Request, env: Settings): Promise<Response> {
  const port = createHostSandbox({ url: env.SANDBOX_HOST_URL, token: env.SANDBOX_HOST_TOKEN });
  const id = `workerd-${crypto.randomUUID()}`;
  const limits = { timeoutMs: 20_000, maxOutputBytes: 100_000 };
  const tarball = request.body;
  if (tarball === null) return new Response("a tarball is needed", { status: 400 });
  const spec = { id, env: { A: "1" }, memoryBytes: 1e9, diskBytes: 2e8, maxProcesses: 256 };
  try {
    const handle = await port.open(spec);
    const again = await port.open(spec);
    const seeded = await port.seed(id, "repo", tarball, "base");
    const pieces: string[] = [];
    const command = await port.exec(id, ["sh", "-c", "cat; printf '€'; echo err >&2; exit 5"], {
      ...limits,
      stdin: new TextEncoder().encode("in "),
      onOutput: (_stream, text) => pieces.push(text),
    });
    const control = new AbortController();
    setTimeout(() => control.abort(), 300);
    const cancelled = await port.exec(id, ["sleep", "30"], { ...limits, signal: control.signal });
    const timedOut = await port.exec(id, ["sleep", "30"], { ...limits, timeoutMs: 200 });
    await port.writeFile(id, "repo/new.bin", Uint8Array.from([0, 255, 128]), { executable: true });
    const read = await port.readFile(id, "repo/new.bin", { offset: 1 });
    const changes = await port.changes(id, "repo", { maxBytes: 1000 });
    const listed = await port.list(id, "repo", { recursive: true });
    const missing: unknown = await port.readFile(id, "none").catch((error: unknown) => error);
    const server = `require("http").createServer((q, s) => { s.setHeader("content-encoding", "gzip"); s.end(require("zlib").gzipSync("packed " + q.method)); }).listen(3000)`;
    const serving = port.exec(id, ["node", "-e", server], { ...limits, execId: "server" });
    let preview = "";
    for (let attempt = 0; preview === "" && attempt < 100; attempt += 1) {
      const answer = await port
        .fetchPort(id, 3000, new Request("http://preview/", { method: "POST", body: "x" }))
        .catch(() => undefined);
      if (answer?.body) preview = await new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))).text();
      else await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await port.cancel(id, "server");
    await serving;
    await port.remove(id, "repo/new.bin");
    return Response.json({
      sameGeneration: handle.generation === again.generation,
      seeded,
      command: { ...command, durationMs: 0 },
      streamed: pieces.join(""),
      cancelled: cancelled.cancelled,
      timedOut: timedOut.timedOut,
      read: [...read.bytes, read.sizeBytes],
      changes: changes.map(({ path, status, afterMode, bytes }) => [path, status, afterMode, ...(bytes ?? [])]),
      listed: listed.entries.map(({ path }) => path),
      missing: missing instanceof PortError ? missing.code : String(missing),
      preview,
    });
  } finally {
    await port.destroy(id);
  }
}

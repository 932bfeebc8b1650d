import { StringDecoder } from "node:string_decoder";
import {
  fileSizeHeader,
  sandboxBlobQuery,
  sandboxCancelRequest,
  sandboxChangesQuery,
  sandboxExecRequest,
  sandboxListQuery,
  sandboxReadQuery,
  sandboxRemoveQuery,
  sandboxSeedQuery,
  sandboxSeedTree,
  sandboxWriteQuery,
  type SandboxExecFrame,
} from "../contracts/sandbox-host.ts";
import { HostError, toHostError } from "./errors.ts";
import {
  check,
  parseJson,
  readBody,
  readHead,
  readJson,
  readQuery,
  sendJson,
  write,
  type Exchange,
} from "./http-io.ts";
import type { Sandbox } from "./sandbox.ts";
import type { SeedLimits } from "./seed.ts";

const maxTreeBytes = 256 * 1024 * 1024;
const maxBlobBytes = 128 * 1024 * 1024;
const maxWriteBytes = 64 * 1024 * 1024;
/** A request to exec holds its stdin in base64. */
const maxExecRequestBytes = 96 * 1024 * 1024;
const aliveIntervalMs = 5_000;

/** PUT seed: the body is the gzipped tarball, with the tree before it where the query says so. Throws HostError. */
export async function seedRoute(
  sandbox: Sandbox,
  { request, response, query }: Exchange,
  limits: SeedLimits,
): Promise<void> {
  const { treeBytes, ...target } = readQuery(query, sandboxSeedQuery);
  if (treeBytes === undefined) return sendJson(response, await sandbox.seed(target, request, limits));
  if (treeBytes > maxTreeBytes) throw new HostError("too_large", "the tree is too large");
  const { head, rest } = await readHead(request, treeBytes);
  const tree = check(sandboxSeedTree, parseJson(head.toString("utf8")));
  sendJson(response, await sandbox.seed(target, rest, limits, tree));
}

/** PUT blob: the body is the content of a file that the seed named as missing. Throws HostError. */
export async function blobRoute(sandbox: Sandbox, { request, response, query }: Exchange): Promise<void> {
  const { dir, path } = readQuery(query, sandboxBlobQuery);
  await sandbox.seedFile(dir, path, await readBody(request, maxBlobBytes));
  sendJson(response, {});
}

/** Streams the command's output as NDJSON frames. A client that goes away takes the command with it. */
export async function execRoute(sandbox: Sandbox, { request, response }: Exchange): Promise<void> {
  const command = await readJson(request, sandboxExecRequest, maxExecRequestBytes);
  const send = (frame: SandboxExecFrame) => write(response, `${JSON.stringify(frame)}\n`);
  const decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  const running = sandbox.exec(command, async (stream, bytes) => {
    const text = decoders[stream].write(bytes);
    if (text !== "") await send({ type: "output", stream, text });
  });
  const onClose = () => sandbox.cancel(command.execId);
  response.once("close", onClose);
  const alive = setInterval(() => {
    if (!response.writableNeedDrain) response.write(`${JSON.stringify({ type: "alive" })}\n`);
  }, aliveIntervalMs);
  response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
  response.flushHeaders();
  try {
    const outcome = await running;
    for (const stream of ["stdout", "stderr"] as const) {
      const text = decoders[stream].end();
      if (text !== "") await send({ type: "output", stream, text });
    }
    await send({ type: "exit", ...outcome });
  } catch (error) {
    const { code, kind, message } = toHostError(error);
    if (!response.destroyed) await send({ type: "error", code, kind, detail: message });
  } finally {
    clearInterval(alive);
    response.off("close", onClose);
    response.end();
  }
}

/** POST cancel: kills a running command. Throws HostError. */
export async function cancelRoute(sandbox: Sandbox, { request, response }: Exchange): Promise<void> {
  const { execId } = await readJson(request, sandboxCancelRequest);
  sendJson(response, { cancelled: sandbox.cancel(execId) });
}

/** GET file: a range of a file, its whole size in a header. Throws HostError. */
export async function readFileRoute(sandbox: Sandbox, { response, query }: Exchange): Promise<void> {
  const { path, ...range } = readQuery(query, sandboxReadQuery);
  await sandbox.readFile(
    path,
    range,
    (sizeBytes) => {
      response.writeHead(200, { "content-type": "application/octet-stream", [fileSizeHeader]: String(sizeBytes) });
    },
    (bytes) => write(response, bytes),
  );
  response.end();
}

/** PUT file: the body is the whole new content. Throws HostError. */
export async function writeFileRoute(sandbox: Sandbox, { request, response, query }: Exchange): Promise<void> {
  const { path, executable } = readQuery(query, sandboxWriteQuery);
  const bytes = await readBody(request, maxWriteBytes);
  await sandbox.writeFile(path, bytes, executable === undefined ? undefined : executable === "true");
  sendJson(response, {});
}

/** DELETE file: removes a file, a symlink or a tree. Throws HostError. */
export async function removeRoute(sandbox: Sandbox, { response, query }: Exchange): Promise<void> {
  await sandbox.remove(readQuery(query, sandboxRemoveQuery).path);
  sendJson(response, {});
}

/** GET list: the entries of a directory. Throws HostError. */
export async function listRoute(sandbox: Sandbox, { response, query }: Exchange): Promise<void> {
  const { dir, recursive, limit } = readQuery(query, sandboxListQuery);
  sendJson(response, await sandbox.list(dir, { recursive: recursive === "true", limit }));
}

/** GET changes: head and contents in one body, as `sandboxChangesHead` describes it. Throws HostError. */
export async function changesRoute(sandbox: Sandbox, { response, query }: Exchange): Promise<void> {
  const { dir, maxBytes } = readQuery(query, sandboxChangesQuery);
  const { changes, contents } = await sandbox.changes(dir, maxBytes);
  const head = Buffer.from(JSON.stringify({ changes }));
  if (head.byteLength > 0xffff_ffff) throw new HostError("too_large", "too many changes");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.byteLength, 0);
  response.writeHead(200, { "content-type": "application/octet-stream" });
  for (const piece of [length, head, ...contents]) if (piece.byteLength > 0) await write(response, piece);
  response.end();
}

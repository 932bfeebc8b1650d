import * as z from "zod";
import {
  fileSizeHeader,
  sandboxEntries,
  sandboxHostPaths,
  sandboxId,
  sandboxListResponse,
  sandboxOpenResponse,
  sandboxSeedResponse,
} from "../../../contracts/sandbox-host.ts";
import { PortError } from "../../ports/errors.ts";
import type { SandboxInventory, SandboxPort, TreeFile } from "../../ports/sandbox.ts";
import { HostClient, readBody, within, type HostSandboxOptions } from "./client.ts";
import { parseChanges } from "./changes.ts";
import { cancelExec, runExec } from "./exec.ts";
import { fetchThroughHost } from "./tunnel.ts";

const openTimeoutMs = 30_000;
const fileTimeoutMs = 120_000;
const seedTimeoutMs = 600_000;
const nothing = z.strictObject({});

/**
 * The SandboxPort over a sandbox host (see contracts/sandbox-host.ts): the local one, or a self-hosted one elsewhere. Uses
 * only fetch and web streams. Every failure is a PortError with the host's code, or `host_unreachable` (transient).
 */
export function createHostSandbox(options: HostSandboxOptions): SandboxPort & SandboxInventory {
  const client = new HostClient(options);
  const action = (id: string, name: Parameters<typeof sandboxHostPaths.action>[1]) =>
    sandboxHostPaths.action(checkId(id), name);
  return {
    async open({ id, env, memoryBytes, diskBytes, maxProcesses }) {
      return within(openTimeoutMs, async (signal) =>
        client.json(
          {
            method: "POST",
            path: sandboxHostPaths.sandbox(checkId(id)),
            json: { env, memoryBytes, diskBytes, maxProcesses },
            signal,
          },
          sandboxOpenResponse,
        ),
      );
    },
    async seed(id, dir, tarball, base, tree) {
      const head = tree === undefined ? undefined : treeBytes(tree);
      const query = { dir, base, treeBytes: head?.byteLength.toString() };
      const body = head === undefined ? tarball : prefixed(head, tarball);
      return within(seedTimeoutMs, async (signal) =>
        client.json({ method: "PUT", path: action(id, "seed"), query, body, signal }, sandboxSeedResponse),
      );
    },
    async seedFile(id, dir, path, content) {
      await within(fileTimeoutMs, async (signal) =>
        client.json({ method: "PUT", path: action(id, "blob"), query: { dir, path }, body: content, signal }, nothing),
      );
    },
    exec: async (id, argv, execOptions) => runExec(client, checkId(id), argv, execOptions),
    cancel: async (id, execId) => cancelExec(client, checkId(id), execId),
    async readFile(id, path, range = {}) {
      return within(fileTimeoutMs, async (signal) => {
        const response = await client.send({
          method: "GET",
          path: action(id, "file"),
          query: { path, offset: range.offset?.toString(), maxBytes: range.maxBytes?.toString() },
          signal,
        });
        const bytes = new Uint8Array(await readBody(() => response.arrayBuffer()));
        return { bytes, sizeBytes: Number(response.headers.get(fileSizeHeader) ?? bytes.byteLength) };
      });
    },
    async writeFile(id, path, bytes, writeOptions = {}) {
      await within(fileTimeoutMs, async (signal) =>
        client.json(
          {
            method: "PUT",
            path: action(id, "file"),
            query: { path, executable: writeOptions.executable?.toString() },
            body: bytes,
            signal,
          },
          nothing,
        ),
      );
    },
    async list(id, dir, listOptions = {}) {
      const query = { dir, recursive: listOptions.recursive?.toString(), limit: listOptions.limit?.toString() };
      return within(fileTimeoutMs, async (signal) =>
        client.json({ method: "GET", path: action(id, "list"), query, signal }, sandboxEntries),
      );
    },
    async remove(id, path) {
      await within(fileTimeoutMs, async (signal) =>
        client.json({ method: "DELETE", path: action(id, "file"), query: { path }, signal }, nothing),
      );
    },
    async changes(id, dir, { maxBytes }) {
      const query = { dir, maxBytes: maxBytes.toString() };
      return within(seedTimeoutMs, async (signal) => {
        const response = await client.send({ method: "GET", path: action(id, "changes"), query, signal });
        return parseChanges(new Uint8Array(await readBody(() => response.arrayBuffer())));
      });
    },
    async fetchPort(id, port, request) {
      return fetchThroughHost(client, checkId(id), port, request);
    },
    async listOpen() {
      return within(openTimeoutMs, async (signal) => {
        const path = sandboxHostPaths.sandboxes;
        const { sandboxes } = await client.json({ method: "GET", path, signal }, sandboxListResponse);
        return sandboxes.map(({ id, startedAt }) => ({ id, startedAtMs: startedAt }));
      });
    },
    async destroy(id) {
      await within(openTimeoutMs, async (signal) =>
        client.json({ method: "DELETE", path: sandboxHostPaths.sandbox(checkId(id)), signal }, nothing),
      );
    },
  };
}

/** An id goes into a URL, so what is no id is refused before. */
function checkId(id: string): string {
  if (sandboxId.safeParse(id).success) return id;
  throw new PortError(
    "sandbox",
    "permanent",
    "invalid_request",
    "a sandbox id is lower case letters, digits and dashes",
  );
}

function treeBytes(tree: readonly TreeFile[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(tree.map(({ blob, mode, path }) => [path, mode, blob])));
}

/** A stream with bytes before it. */
function prefixed(head: Uint8Array, rest: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = rest.getReader();
  let isHeadSent = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!isHeadSent) {
        isHeadSent = true;
        controller.enqueue(head);
        return;
      }
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async (reason) => reader.cancel(reason),
  });
}

import * as z from "zod";
import {
  fileSizeHeader,
  sandboxEntries,
  sandboxHostPaths,
  sandboxId,
  sandboxOpenResponse,
  sandboxSeedResponse,
} from "../../../contracts/sandbox-host.ts";
import { PortError } from "../../ports/errors.ts";
import type { SandboxPort } from "../../ports/sandbox.ts";
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
export function createHostSandbox(options: HostSandboxOptions): SandboxPort {
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
    async seed(id, dir, tarball, base) {
      return within(seedTimeoutMs, async (signal) =>
        client.json(
          { method: "PUT", path: action(id, "seed"), query: { dir, base }, body: tarball, signal },
          sandboxSeedResponse,
        ),
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

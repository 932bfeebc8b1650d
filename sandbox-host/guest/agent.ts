import { closeSync, readFileSync, readdirSync } from "node:fs";
import {
  changesRequest,
  commitRequest,
  connectRequest,
  execRequest,
  listRequest,
  pathRequest,
  readRequest,
  seedRequest,
  writeRequest,
} from "./requests.ts";
import { attributes, contents, walk } from "./changes.ts";
import { exec } from "./exec.ts";
import { GuestFailure, toFailure } from "./failure.ts";
import { commandsDescriptor, ownCgroupFlag } from "./join-cgroup.ts";
import { list, readFile, remove, writeFile } from "./files.ts";
import { Mux, type MuxStream } from "./mux.ts";
import { resolvePath } from "./paths.ts";
import { commit, seed } from "./seed.ts";
import { tunnel } from "./tunnel.ts";

/**
 * The guest agent: the first program in a sandbox. It serves the host's requests over stdin and stdout and starts every
 * command in a nested namespace, from which the agent itself can't be seen or reached.
 */
const operations: Readonly<Record<string, (stream: MuxStream) => Promise<unknown>>> = {
  ping: () => Promise.resolve({}),
  exec: (stream) => {
    const request = execRequest(stream.request);
    const cwd = resolvePath(request.cwd);
    return exec(stream, { argv: request.argv, cwd, env: request.env }, request);
  },
  read: (stream) => {
    const { path, offset, maxBytes } = readRequest(stream.request);
    return readFile(stream, path, offset, maxBytes);
  },
  write: (stream) => {
    const { path, executable } = writeRequest(stream.request);
    return writeFile(stream, path, executable);
  },
  list: (stream) => {
    const { dir, recursive, limit } = listRequest(stream.request);
    return list(stream, dir, recursive, limit);
  },
  remove: (stream) => remove(pathRequest(stream.request).path),
  seed: (stream) => {
    const { dir, keep } = seedRequest(stream.request);
    return seed(stream, dir, keep);
  },
  commit: (stream) => {
    const { dir, base } = commitRequest(stream.request);
    return commit(stream, dir, base);
  },
  walk: (stream) => walk(stream, changesRequest(stream.request).dir),
  attributes: (stream) => attributes(stream, changesRequest(stream.request).dir),
  contents: (stream) => contents(stream, changesRequest(stream.request).dir),
  connect: (stream) => tunnel(stream, connectRequest(stream.request).port),
};

async function serve(stream: MuxStream): Promise<void> {
  try {
    const { request } = stream;
    const name = typeof request === "object" && request !== null && "op" in request ? String(request.op) : "";
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (operation === undefined) throw new GuestFailure("sandbox_failed", `unknown operation ${name}`);
    stream.finish(await operation(stream));
  } catch (error) {
    const failure = toFailure(error);
    stream.fail(failure.code, failure.message);
  }
}

/**
 * Closes what the host's process had inherited and passed on without knowing: such a descriptor could lead out of the
 * sandbox. Node's own descriptors are all marked close-on-exec (man open: O_CLOEXEC is octal 2000000). The one through which commands join
 * their cgroup stays; each command closes it before it begins.
 */
function closeInherited(): void {
  const kept = process.argv.includes(ownCgroupFlag) ? commandsDescriptor : 2;
  for (const name of readdirSync("/proc/self/fd")) {
    const descriptor = Number(name);
    if (descriptor <= 2 || descriptor === kept) continue;
    try {
      const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, "latin1"))?.[1] ?? "2000000";
      if ((Number.parseInt(flags, 8) & 0o2000000) === 0) closeSync(descriptor);
    } catch {
      // The descriptor of the listing itself.
    }
  }
}

closeInherited();
const mux = new Mux(process.stdin, process.stdout, {
  onOpen: (stream) => void serve(stream),
  onBreak: () => process.exit(0),
});
void mux;

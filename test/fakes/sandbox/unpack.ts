import { gunzipSync } from "node:zlib";
import { readTar } from "../../../local/sandbox/tar-reader.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import { FileEntry, LinkEntry, type TrackedEntry } from "./tree.ts";

/**
 * The files and links of a gzipped tarball by their path without its first component. Throws PortError `invalid_archive`
 * for a broken or hostile archive, and `too_large` for more than `maxBytes` of content.
 */
export async function unpack(
  tarball: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<ReadonlyMap<string, TrackedEntry>> {
  const packed = new Uint8Array(await new Response(tarball).arrayBuffer());
  const files = new Map<string, TrackedEntry>();
  const directories = new Set<string>();
  let sizeBytes = 0;
  try {
    for await (const { content, executable, kind, path: name, target } of readTar(chunks(gunzipSync(packed)))) {
      const path = innerPath(name);
      if (path === undefined || kind === "directory") continue;
      if (kind !== "file" && kind !== "symlink") throw invalid(`${path} is a ${kind}`);
      claim(path, files, directories);
      const entry =
        kind === "symlink" ? new LinkEntry(target) : new FileEntry(await whole(content()), executable ? 0o755 : 0o644);
      sizeBytes += entry.bytes.length;
      if (sizeBytes > maxBytes) throw new PortError("sandbox", "permanent", "too_large", "the disk is full");
      files.set(path, entry);
    }
  } catch (error) {
    if (error instanceof PortError) throw error;
    throw invalid(String(error));
  }
  return files;
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  for await (const piece of pieces) kept.push(Uint8Array.from(piece));
  return kept.length === 1 && kept[0] !== undefined ? kept[0] : new Uint8Array(Buffer.concat(kept));
}

/** The path without its first component, or undefined for that component itself. */
function innerPath(path: string): string | undefined {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (path.startsWith("/") || parts.includes("..") || parts.some((part) => part.toLowerCase() === ".git"))
    throw invalid(`${path} is not a path of a repository`);
  return parts.length < 2 ? undefined : parts.slice(1).join("/");
}

/** A path may come once, and never below a file or in the place of a directory. */
function claim(path: string, files: ReadonlyMap<string, unknown>, directories: Set<string>): void {
  if (files.has(path) || directories.has(path)) throw invalid(`${path} comes twice`);
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const parent = path.slice(0, slash);
    if (files.has(parent)) throw invalid(`${parent} is both a file and a directory`);
    directories.add(parent);
  }
}

function invalid(detail: string): PortError {
  return new PortError("sandbox", "permanent", "invalid_archive", detail);
}

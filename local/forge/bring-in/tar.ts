import { Readable } from "node:stream";
import { readTar } from "../../../sandbox-host/tar-reader.ts";

/** One file or symlink of an archive. Directories are left out: git keeps none. */
export interface ArchivedFile {
  readonly path: string;
  readonly mode: "100644" | "100755" | "120000";
  /** A symlink's target for a symlink. */
  readonly content: Buffer;
}

/**
 * Reads a whole tar archive into memory; nothing is written to disk. A hard link becomes a copy of the file before it that it
 * names; devices and pipes are left out. Throws TarError when the archive is damaged.
 */
export async function readArchive(archive: Buffer): Promise<readonly ArchivedFile[]> {
  const files = new Map<string, ArchivedFile>();
  for await (const { path, kind, executable, target, content } of readTar(Readable.from([archive]))) {
    if (kind === "file") {
      const pieces: Buffer[] = [];
      for await (const piece of content()) pieces.push(piece);
      files.set(path, { path, mode: executable ? "100755" : "100644", content: Buffer.concat(pieces) });
    } else if (kind === "symlink") {
      files.set(path, { path, mode: "120000", content: Buffer.from(target, "utf8") });
    } else if (kind === "hard link") {
      const original = files.get(target);
      if (original !== undefined) files.set(path, { ...original, path });
    }
  }
  return [...files.values()];
}

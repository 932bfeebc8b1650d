import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import type { Git } from "./git.ts";

/** Streams a commit as a gzipped tar whose only top directory is `prefix` (no slash); files marked export-ignore are left out, as on GitHub. */
export function archiveStream(git: Git, directory: string, commit: string, prefix: string): Readable {
  const child = git.start(directory, ["archive", "--format=tar", `--prefix=${prefix}/`, commit]);
  const gzip = createGzip();
  if (child.stdout === null) throw new Error("git was started without pipes");
  child.stdin?.end();
  child.stderr?.resume();
  child.stdout.on("error", (error) => gzip.destroy(error));
  child.stdout.on("data", (chunk: Buffer) => {
    if (!gzip.write(chunk)) child.stdout?.pause();
  });
  gzip.on("drain", () => child.stdout?.resume());
  gzip.on("close", () => child.kill("SIGKILL"));
  child.on("error", (error) => gzip.destroy(error));
  // The stream ends only when git reports success: a cut archive must not look complete.
  child.on("close", (code) =>
    code === 0 ? gzip.end() : gzip.destroy(new Error(`git archive exited with ${code ?? "a signal"}`)),
  );
  return gzip;
}

/** The same archive, whole in memory. */
export async function archiveBytes(git: Git, directory: string, commit: string, prefix: string): Promise<Uint8Array> {
  return buffer(archiveStream(git, directory, commit, prefix));
}

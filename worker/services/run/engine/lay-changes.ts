import { isExecutableMode, isSymlinkMode } from "../../../../contracts/file-mode.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import { asText } from "../../../../domain/patch-set/text.ts";
import { PortError } from "../../../ports/errors.ts";
import type { SandboxPort } from "../../../ports/sandbox.ts";

/** Writes changes into a directory that holds their base. Symlinks are made by the sandbox's own `ln`. Throws PortError. */
export async function layChanges(
  sandbox: SandboxPort,
  id: string,
  dir: string,
  changes: readonly TreeChange[],
): Promise<void> {
  const deleted = changes.filter(({ status }) => status === "deleted");
  for (const change of deleted) await sandbox.remove(id, `${dir}/${change.path}`);
  const emptied = new Set(deleted.flatMap(({ path }) => foldersOf(path)));
  for (const change of changes) {
    if (change.bytes === undefined) continue;
    const path = `${dir}/${change.path}`;
    // A file may take the place of a folder whose files were all deleted.
    const isFolder = change.status === "added" && emptied.has(change.path);
    if (isFolder || isSymlinkMode(change.beforeMode) || isSymlinkMode(change.afterMode))
      await removeIfThere(sandbox, id, path);
    if (isSymlinkMode(change.afterMode)) await makeSymlink(sandbox, id, dir, change.path, change.bytes);
    else {
      await sandbox.writeFile(id, path, change.bytes, { executable: isExecutableMode(change.afterMode) });
    }
  }
}

/** The folders that a path lies in, from the root on. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Removes a path; one that is not there is no error. Throws PortError. */
export async function removeIfThere(sandbox: SandboxPort, id: string, path: string): Promise<void> {
  try {
    await sandbox.remove(id, path);
  } catch (error) {
    if (!(error instanceof PortError && error.code === "not_found")) throw error;
  }
}

async function makeSymlink(
  sandbox: SandboxPort,
  id: string,
  dir: string,
  path: string,
  target: Uint8Array,
): Promise<void> {
  const parent = path.split("/").slice(0, -1).join("/");
  const options = { cwd: dir, timeoutMs: 10_000, maxOutputBytes: 2_000 };
  if (parent !== "") await sandbox.exec(id, ["mkdir", "-p", "--", parent], options);
  const text = asText(target);
  const made =
    text === undefined
      ? await sandbox.exec(id, ["sh", "-c", linkFromInput, "sh", path], { ...options, stdin: target })
      : await sandbox.exec(id, ["ln", "-sfn", "--", text, path], options);
  if (made.exitCode !== 0) throw new PortError("sandbox", "permanent", "symlink_failed", made.stderr.slice(0, 500));
}

/** Makes a symlink whose target is no text, which no argument can hold. The x keeps line ends at the target's end. */
const linkFromInput = 't=$(cat; echo x) && ln -sfn -- "${t%x}" "$1"';

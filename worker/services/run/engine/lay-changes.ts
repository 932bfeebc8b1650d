import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import { PortError } from "../../../ports/errors.ts";
import type { SandboxPort } from "../../../ports/sandbox.ts";

/** Writes changes into a directory that holds their base. Symlinks are made by the sandbox's own `ln`. Throws PortError. */
export async function layChanges(
  sandbox: SandboxPort,
  id: string,
  dir: string,
  changes: readonly TreeChange[],
): Promise<void> {
  for (const change of changes.filter(({ status }) => status === "deleted"))
    await sandbox.remove(id, `${dir}/${change.path}`);
  for (const change of changes) {
    if (change.bytes === undefined) continue;
    const path = `${dir}/${change.path}`;
    if (change.beforeMode === "120000" || change.afterMode === "120000") await removeIfThere(sandbox, id, path);
    if (change.afterMode === "120000")
      await makeSymlink(sandbox, id, dir, change.path, new TextDecoder().decode(change.bytes));
    else {
      await sandbox.writeFile(id, path, change.bytes, { executable: change.afterMode === "100755" });
    }
  }
}

/** Removes a path; one that is not there is no error. Throws PortError. */
export async function removeIfThere(sandbox: SandboxPort, id: string, path: string): Promise<void> {
  try {
    await sandbox.remove(id, path);
  } catch (error) {
    if (!(error instanceof PortError && error.code === "not_found")) throw error;
  }
}

async function makeSymlink(sandbox: SandboxPort, id: string, dir: string, path: string, target: string): Promise<void> {
  const parent = path.split("/").slice(0, -1).join("/");
  const options = { cwd: dir, timeoutMs: 10_000, maxOutputBytes: 2_000 };
  if (parent !== "") await sandbox.exec(id, ["mkdir", "-p", "--", parent], options);
  const made = await sandbox.exec(id, ["ln", "-sfn", "--", target, path], options);
  if (made.exitCode !== 0) throw new PortError("sandbox", "permanent", "symlink_failed", made.stderr.slice(0, 500));
}

import type { FileMode } from "./types.ts";

/**
 * A tree entry's mode as git itself reads it: old repositories have files with other permission bits, such as 100664, of which
 * only the owner's execute bit counts. Undefined for what is no file or symlink.
 */
export function gitFileMode(mode: string): FileMode | undefined {
  if (mode === "120000") return "120000";
  if (!/^100[0-7]{3}$/u.test(mode)) return undefined;
  return (Number.parseInt(mode.slice(3), 8) & 0o100) === 0 ? "100644" : "100755";
}

/**
 * Why a path may not be written, or undefined when it may. Covers what git itself refuses (`.git` in any case, also as
 * HFS+ and NTFS see it: CVE-2014-9390, CVE-2019-1353), absolute paths, `.` and `..`, empty parts, names that are not UTF-8, and
 * lengths over 1024 bytes.
 */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "the path is empty";
  if (new TextEncoder().encode(path).length > 1024) return "the path is longer than 1024 bytes";
  if (path.startsWith("/")) return "the path is absolute";
  if (path.includes("\0")) return "the path has a NUL";
  if (!path.isWellFormed() || rawByte.test(path)) return "the name is not UTF-8, which the forge can't take";
  for (const part of path.split("/")) {
    if (part === "") return "the path has an empty part";
    if (part === "." || part === "..") return "the path leaves its directory";
    if (isDotGit(part)) return "the path reaches into .git";
  }
  return undefined;
}

/**
 * Why a file may not get this name, or undefined when it may: besides `pathProblem`, what no checkout on Windows can hold, and
 * control characters. Names that a repository has already stay usable.
 */
export function newPathProblem(path: string): string | undefined {
  if (path.includes("\\")) return "the path has a backslash";
  if (/[\u0000-\u001f\u007f]/u.test(path)) return "the path has a control character";
  for (const part of path.split("/")) {
    if (/^[a-z]:/iu.test(part)) return "the path names a drive";
    if (/^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/iu.test(part)) return "the path has a name that Windows reserves";
  }
  return pathProblem(path);
}

/** A byte of a name that is no UTF-8, as a sandbox host writes it. */
const rawByte = /[\uef80-\uefff]/u;

/** Characters that HFS+ ignores in names: with them `.g<U+200C>it` is `.git`. */
const hfsIgnorable = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;

function isDotGit(part: string): boolean {
  const folded = part.replace(hfsIgnorable, "").toLowerCase();
  const ntfs = folded.replace(/:.*$/u, "").replace(/[. ]+$/u, "");
  return folded === ".git" || ntfs === ".git" || ntfs === "git~1";
}

/** The path as a case-insensitive, normalising file system sees it: two paths with one key collide there. */
export function collisionKey(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

/** True when a symlink at `path` with this target would point outside the repository. */
export function symlinkEscapes(path: string, target: string): boolean {
  if (target.startsWith("/") || /^[a-z]:/iu.test(target) || target.includes("\0")) return true;
  const parts = path.split("/").slice(0, -1);
  for (const part of target.replaceAll("\\", "/").split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") {
      if (isDotGit(part)) return true;
      parts.push(part);
      continue;
    }
    if (parts.length === 0) return true;
    parts.pop();
  }
  return false;
}

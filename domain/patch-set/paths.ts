/**
 * Why a path may not be written, or undefined when it may. Covers what git itself refuses (`.git` in any case, also as
 * HFS+ and NTFS see it: CVE-2014-9390, CVE-2019-1353), absolute paths, `.` and `..`, empty parts, backslashes, control
 * characters, names that Windows reserves, and lengths over 1024 bytes.
 */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "the path is empty";
  if (new TextEncoder().encode(path).length > 1024) return "the path is longer than 1024 bytes";
  if (path.startsWith("/")) return "the path is absolute";
  if (path.includes("\\")) return "the path has a backslash";
  if (/[\u0000-\u001f\u007f]/u.test(path)) return "the path has a control character";
  if (!path.isWellFormed()) return "the path is not valid Unicode";
  for (const part of path.split("/")) {
    if (part === "") return "the path has an empty part";
    if (part === "." || part === "..") return "the path leaves its directory";
    if (isDotGit(part)) return "the path reaches into .git";
    if (/^[a-z]:/iu.test(part)) return "the path names a drive";
    if (/^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/iu.test(part)) return "the path has a name that Windows reserves";
  }
  return undefined;
}

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

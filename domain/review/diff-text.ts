import type { PullFile } from "../../contracts/review.ts";

/**
 * A pull request's files as one unified diff for a reader, at most `limit` characters; a note names the files left out, so that each
 * can be asked for by path.
 */
export function pullDiffText(files: readonly PullFile[], limit: number): string {
  const parts: string[] = [];
  const left: string[] = [];
  let length = 0;
  for (const file of files) {
    const text = fileDiffText(file);
    if (length + text.length > limit) left.push(file.path);
    else {
      parts.push(text);
      length += text.length;
    }
  }
  if (left.length > 0) {
    const named = left.slice(0, 200);
    const more = left.length > named.length ? `\n(and ${left.length - named.length} more)` : "";
    parts.push(`[Left out for its size; read by git_diff with a path:]\n${named.join("\n")}${more}`);
  }
  return parts.join("\n");
}

/** One file of a pull request as a unified diff with git's headers. */
export function fileDiffText(file: PullFile): string {
  const before = file.previousPath ?? file.path;
  return [
    `diff --git a/${before} b/${file.path}`,
    ...(file.status === "renamed" ? [`rename from ${before}`, `rename to ${file.path}`] : []),
    ...(file.patch === null
      ? [
          file.status === "renamed" && file.additions + file.deletions === 0
            ? "(the content is the same)"
            : `(${file.status}; no text diff: binary, empty or too large)`,
        ]
      : [
          `--- ${file.status === "added" ? "/dev/null" : `a/${before}`}`,
          `+++ ${file.status === "removed" ? "/dev/null" : `b/${file.path}`}`,
          file.patch,
        ]),
  ].join("\n");
}

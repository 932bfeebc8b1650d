/**
 * The branch a run writes to: `lime/run-<id>-<slug>`; a second version of the same run gets `-v<n>`. Only lower-case
 * letters, digits, `-` and `/` come out, so it is safe wherever a ref name goes.
 */
export function runBranchName(runId: string, title: string, version: number): string {
  const slug = title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, "-")
    .replace(/^-+|-+$/gu, "")
    .slice(0, 40)
    .replace(/-+$/u, "");
  return ["lime/run", runId, ...(slug === "" ? [] : [slug]), ...(version > 1 ? [`v${version}`] : [])].join("-");
}

/** The number of the run that writes to a branch of this name; undefined for every other branch. */
export function runOfBranch(branch: string): number | undefined {
  const digits = /^lime\/run-(\d{1,15})(?:-|$)/u.exec(branch)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The names under which a branch is written instead, in their order, when the forge has a branch that is in the way of its name: git keeps
 * no branch inside of another, so a branch `lime` is in the way of all `lime/...`. They follow from the approved name alone, so that its
 * approval covers them. Empty for a name that has none.
 */
export function otherBranchNames(name: string): readonly string[] {
  return name.startsWith("lime/") ? [name.replaceAll("/", "-")] : [];
}

/**
 * True when git accepts this as a branch name. Follows `git check-ref-format --branch`
 * (https://git-scm.com/docs/git-check-ref-format); shell metacharacters are legal in it, so never build a shell string.
 */
export function isBranchName(name: string): boolean {
  if (
    name === "" ||
    name === "@" ||
    name === "HEAD" ||
    name.startsWith("-") ||
    new TextEncoder().encode(name).length > 244
  )
    return false;
  if (/[\u0000-\u0020\u007f~^:?*[\\]/u.test(name) || name.includes("..") || name.includes("@{") || name.includes("//"))
    return false;
  if (name.startsWith("/") || name.endsWith("/") || name.endsWith(".") || !name.isWellFormed()) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

/** Whether a mode of git is a symlink's. Modes: https://git-scm.com/docs/index-format */
export function isSymlinkMode(mode: string | null | undefined): boolean {
  return mode === "120000";
}

/** Whether a mode of git is an executable file's. */
export function isExecutableMode(mode: string | null | undefined): boolean {
  return mode === "100755";
}

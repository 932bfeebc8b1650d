/** Whether this process is root. */
export const runsAsRoot = (): boolean => process.getuid?.() === 0;

/**
 * Settings for starting bubblewrap: when this process is root, as a user that no account has, another one for each
 * sandbox, so that limits count per sandbox and a process that got out would own nothing. Otherwise as this user.
 */
export function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (!runsAsRoot()) return {};
  const id = 2_000_000_000 + Math.floor(Math.random() * 100_000_000);
  return { uid: id, gid: id };
}

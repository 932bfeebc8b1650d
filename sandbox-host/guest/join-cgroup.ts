/** Descriptor in the agent through which a command joins the cgroup of the sandbox's commands. */
export const commandsDescriptor = 5;

/** Argument of the agent when it has that descriptor. */
export const ownCgroupFlag = "--own-cgroup";

/**
 * The argument list that starts a program inside the cgroup whose `cgroup.procs` is open for writing at `descriptor`: a shell writes itself to it,
 * closes it and becomes the program, so that not one instruction of the program runs outside. The program does not start when that fails.
 */
export function startedInCgroup(
  descriptor: number,
  program: string,
  args: readonly string[],
): readonly [string, readonly string[]] {
  const at = String(descriptor);
  return ["/bin/sh", ["-c", `echo 0 >&${at} && exec ${at}>&- && exec "$0" "$@"`, program, ...args]];
}

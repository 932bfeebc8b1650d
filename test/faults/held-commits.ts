import type { ForgeWrite } from "../../local/forge/types.ts";

/**
 * The ids of the commits among these writes that a branch was put at, each once. The forge dates and signs each commit, so one whose reply
 * was lost is made again under another id; nothing points to the first.
 */
export function heldCommits(writes: readonly ForgeWrite[]): readonly string[] {
  const refs = writes.filter(({ path }) => /\/git\/refs(?:\/|$)/u.test(path)).map(({ result }) => result);
  const made = writes.filter(({ path }) => /\/git\/commits$/u.test(path)).map(({ result }) => result);
  return [...new Set(made)].filter((commit) => refs.some((ref) => ref.includes(commit)));
}

/*
 * Values of contracts/ that pages need, without the schemas beside them, whose validator weighs a quarter of the first load. The types
 * are the contracts' own: a value that is missing, changed or invented there fails the type check here.
 */
import type {
  constrainableTools,
  defaultStageTurns,
  efforts,
  finalStates,
  maxPromptCharacters,
  maxStageTurns,
  RunState,
  StartRun,
} from "../../contracts/run.ts";
import type { socketClose } from "../../contracts/run-events.ts";
import type { imageMediaTypes, maxImageBytes, maxImages } from "../../contracts/upload.ts";
import type { TicketColumn } from "../../contracts/project.ts";

function keysOf<T extends string>(record: Record<T, unknown>): readonly T[] {
  const isKey = (name: string): name is T => Object.hasOwn(record, name);
  return Object.keys(record).filter(isKey);
}

export type StartableMode = StartRun["mode"];
export type Effort = (typeof efforts)[number];

export const startableModes = keysOf<StartableMode>({
  implement: true,
  bugfix: true,
  feature: true,
  plan: true,
  review: true,
});
export type ConstrainableTool = (typeof constrainableTools)[number];
export const constrainableToolNames = keysOf<ConstrainableTool>({
  read_file: true,
  list_files: true,
  grep: true,
  edit_file: true,
  write_file: true,
  shell: true,
  git_diff: true,
  git_log: true,
  run_tests: true,
});
export const effortLevels = keysOf<Effort>({ low: true, medium: true, high: true });
export const columnOrder = keysOf<TicketColumn>({
  backlog: true,
  todo: true,
  in_progress: true,
  code_review: true,
  qa: true,
  done: true,
});

export const promptLimit: typeof maxPromptCharacters = 100_000;
export const imageLimit: typeof maxImages = 10;
/** The largest image, in bytes. */
export const imageBytes: typeof maxImageBytes = 3_900_000;
export const imageTypes: typeof imageMediaTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"];
export const closeCodes: typeof socketClose = { signedOut: 4401, forbidden: 4403, notFound: 4404, tooSlow: 4408 };

const finals: Record<(typeof finalStates)[number], true> = {
  DONE: true,
  DECLINED: true,
  DEFERRED: true,
  CANCELLED: true,
  FAILED: true,
};

/** True when nothing more can happen to a run in this state. */
export function isFinal(state: RunState): boolean {
  return Object.hasOwn(finals, state);
}

/** Turns of a stage's attempt: where nobody said otherwise, and the most. */
export const stageTurns: { readonly usual: typeof defaultStageTurns; readonly most: typeof maxStageTurns } = {
  usual: 50,
  most: 200,
};

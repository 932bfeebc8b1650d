/*
 * Values of contracts/ that pages need, without the schemas beside them, whose validator weighs a quarter of the first load. Where the
 * contract's file has schemas the values are written again here with the contract's own types: a value that is missing, changed or
 * invented fails the type check.
 */
import type { StartRun } from "../../contracts/run.ts";
import { constrainableTools, defaultStageTurns, efforts, maxStageTurns } from "../../contracts/run-names.ts";
import type { socketClose, socketMark } from "../../contracts/run-events.ts";
import type { imageMediaTypes, maxImageBytes, maxImages } from "../../contracts/upload.ts";
import type { TicketStage } from "../../contracts/project.ts";
import type { maxAttachmentBytes, maxAttachments, maxCommentLength } from "../../contracts/ticket-parts.ts";

export { isFinal, maxPromptCharacters as promptLimit } from "../../contracts/run-names.ts";

function keysOf<T extends string>(record: Record<T, unknown>): readonly T[] {
  const isKey = (name: string): name is T => Object.hasOwn(record, name);
  return Object.keys(record).filter(isKey);
}

export type StartableMode = StartRun["mode"];
export type Effort = (typeof efforts)[number];

/** The modes in the order in which they are offered. */
export const startableModes = keysOf<StartableMode>({
  implement: true,
  bugfix: true,
  feature: true,
  plan: true,
  review: true,
});
export type ConstrainableTool = (typeof constrainableTools)[number];
export const constrainableToolNames: readonly ConstrainableTool[] = constrainableTools;
export const effortLevels: readonly Effort[] = efforts;
export const stageOrder = keysOf<TicketStage>({
  backlog: true,
  todo: true,
  in_progress: true,
  code_review: true,
  qa: true,
  done: true,
});

export const imageLimit: typeof maxImages = 10;
/** The largest image, in bytes. */
export const imageBytes: typeof maxImageBytes = 3_900_000;
export const imageTypes: typeof imageMediaTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/** The most characters of a comment. */
export const commentLimit: typeof maxCommentLength = 20_000;
/** The most files of a ticket. */
export const fileLimit: typeof maxAttachments = 20;
/** The largest file, in bytes. */
export const fileBytes: typeof maxAttachmentBytes = 10_000_000;
/** Begins the texts of a run's socket that are sent back. */
export const markStart: typeof socketMark = "mark ";
export const closeCodes: typeof socketClose = { signedOut: 4401, forbidden: 4403, notFound: 4404, tooSlow: 4408 };

/** Turns of a stage's attempt: without a limit of its own, and the most. */
export const stageTurns = { usual: defaultStageTurns, most: maxStageTurns } as const;

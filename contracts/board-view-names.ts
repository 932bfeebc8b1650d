/*
 * Names of a board's address without a validator beside them, so that pages can use them without loading one. Schemas: board-view.ts.
 */

/** The parameters of a board's address that a saved view keeps: which tickets are shown, how, and in which order. */
export const boardViewKeys = [
  "view",
  "board",
  "q",
  "assignee",
  "type",
  "priority",
  "label",
  "repository",
  "epic",
  "run",
  "column",
  "ready",
  "sort",
  "group",
] as const;
export type BoardViewKey = (typeof boardViewKeys)[number];

/** The longest query that a saved view keeps, in characters. */
export const maxViewQuery = 2_000;

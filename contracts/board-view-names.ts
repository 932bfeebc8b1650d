/*
 * Names of a board's address without a validator beside them, so that pages can use them without loading one. Schemas: board-view.ts.
 */

/** The facets of a board's filter, which are parameters of its address. */
export const boardFacets = [
  "assignee",
  "type",
  "priority",
  "label",
  "repository",
  "epic",
  "run",
  "column",
  "ready",
] as const;

/** The parameters of a board's address that a saved view keeps: which tickets are shown, how, and in which order. */
export const boardViewKeys = ["view", "board", "q", ...boardFacets, "sort", "group"] as const;
export type BoardViewKey = (typeof boardViewKeys)[number];

/** The longest query that a saved view keeps, in characters. */
export const maxViewQuery = 2_000;

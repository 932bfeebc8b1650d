/*
 * Names and limits of a plan without a validator beside them, so that pages can use them without loading one. Schemas: plan.ts.
 */

/** The roles that own an item of a plan. */
export const ownerRoles = ["pm", "dev", "qa"] as const;
export type OwnerRole = (typeof ownerRoles)[number];

/** Limits of a plan: counts, and characters for texts. */
export const planLimits = {
  items: 60,
  title: 200,
  description: 20_000,
  criteria: 30,
  criterion: 1000,
  dependencies: 50,
  labels: 10,
  label: 50,
  /** All texts of a plan together, so that it fits into one event. */
  texts: 200_000,
} as const;

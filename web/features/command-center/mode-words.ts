import type { StartableMode } from "../../lib/vocabulary.ts";

const describeChange = "Describe the change: what, where, and how to tell that it is done…";
/** The hint in the empty prompt, by mode. */
export const placeholders: Record<StartableMode, string> = {
  implement: describeChange,
  bugfix: "Say what goes wrong, how to see it, and what should happen instead…",
  feature: describeChange,
  plan: describeChange,
  review: "Anything to look at in particular? May stay empty.",
};

/** A mode's product in the middle of a sentence. */
export const productNames = { patch_set: "the patch set", plan: "the plan", review: "the review" };

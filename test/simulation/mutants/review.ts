import type { Mutant } from "./mutant.ts";

/** Mistakes on the way of a review to its pull request. */
export const reviewMutants: readonly Mutant[] = [
  {
    name: "posts-at-an-old-head",
    file: "worker/services/patch-set/write-gate.ts",
    find: "if (pull.headCommit !== review.commit) {",
    replace: "if (pull.headCommit !== review.commit && pull.merged) {",
    breaks: "a review is posted at the head that was reviewed",
  },
  {
    name: "posts-on-a-closed-pull-request",
    file: "worker/services/patch-set/write-gate.ts",
    find: `if (pull.state !== "open")
    throw`,
    replace: `if (pull.state !== "open" && pull.merged)
    throw`,
    breaks: "a closed pull request gets no review",
  },
  {
    name: "lost-review-not-found",
    file: "worker/services/patch-set/write-gate.ts",
    find: "if (posted !== undefined) return posted;",
    replace: 'if (posted?.id === "") return posted;',
    breaks: "a review whose reply was lost counts as posted, also when the head moved since",
  },
  {
    name: "new-head-not-told",
    file: "worker/services/run/engine/steps/review-pull.ts",
    find: "facts.shownPull.read(journal) === shownNow(reviewed)",
    replace: "facts.shownPull.read(journal) !== undefined",
    breaks: "the reviewer is told of the head that it reviews",
  },
];

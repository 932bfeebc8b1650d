import type { Mutant } from "./mutant.ts";

/** Mistakes about the proof that tests give. */
export const testMutants: readonly Mutant[] = [
  {
    name: "green-by-exit-code",
    file: "domain/gates/tests.ts",
    find: "return doubts.length === 0 ?",
    replace: "return doubts.length >= 0 ?",
    breaks: "gate G4 is green only where the base's own tests ran and passed against the patch",
  },
  {
    name: "any-failure-is-the-base's",
    file: "domain/gates/tests.ts",
    find: "if (!failsAlike(before, after, tests.cases))",
    replace: "if (before.exitCode < 0)",
    breaks: "tests that fail with the patch alone send it back",
  },
];

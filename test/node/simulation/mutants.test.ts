import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mutants } from "../../simulation/mutants/list.ts";
import { withMutant } from "../../simulation/mutants/mutant.ts";

const root = join(import.meta.dirname, "../../..");

// The run of all mutants takes minutes, so a mutant that no longer applies would be noticed late.
test("every planted mistake applies to the code of today", () => {
  const stale = mutants.filter(
    (mutant) => withMutant(readFileSync(join(root, mutant.file), "utf8"), mutant) === undefined,
  );
  expect(stale.map(({ name }) => name)).toEqual([]);
});

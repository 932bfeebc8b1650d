import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { moves } from "../../../domain/run/table.ts";
import { diagramPage, diagramPath } from "../../../tools/run-diagram.ts";

it("the diagram in the docs is the state machine's table (npm run diagram)", () => {
  const page = readFileSync(diagramPath, "utf8");
  expect(page).toBe(diagramPage());
  for (const { from, to, trigger } of moves.feature) expect(page).toContain(`${from} --> ${to}: ${trigger}`);
});

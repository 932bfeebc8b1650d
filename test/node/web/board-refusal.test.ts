import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const folder = path.join(import.meta.dirname, "../../../web/features/board");
/** Modules that ask about the person alone, each with the reason. */
const aboutThePerson: Readonly<Record<string, string>> = {
  "archived-banner.tsx": "It offers to unarchive.",
  "page.tsx": "There is no board yet.",
};

test("every part of a board asks the board's refusal, so that nothing can be changed while its project is archived", () => {
  const modules = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/u.test(name));
  const asking = modules.filter((name) =>
    /\buse(?:Can|Refusal)\(/u.test(readFileSync(path.join(folder, name), "utf8")),
  );
  expect(modules.length).toBeGreaterThan(40);
  expect(asking.toSorted()).toEqual(Object.keys(aboutThePerson).toSorted());
});

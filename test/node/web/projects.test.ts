import { describe, expect, test } from "vitest";
import { archivedRefusal, isOpen, openFirst, refusalIn, suggestedKey, withProject } from "../../../web/lib/projects.ts";
import { afterSave, changeOf } from "../../../web/features/settings/projects/draft.ts";
import { sampleProject } from "./board-server.ts";

const archived = { ...sampleProject, id: "2", archivedAtMs: 5 };

describe("an archived project", () => {
  test("refuses everybody for that reason, an open one each person for their own", () => {
    expect(refusalIn(sampleProject, null)).toBeNull();
    expect(refusalIn(sampleProject, "Too low.")).toBe("Too low.");
    expect(refusalIn(archived, null)).toBe(archivedRefusal);
    expect(refusalIn(archived, "Too low.")).toBe(archivedRefusal);
  });

  test("comes behind the open ones, which keep their order", () => {
    const third = { ...sampleProject, id: "3" };
    expect(openFirst([archived, sampleProject, third]).map(({ id }) => id)).toEqual(["1", "3", "2"]);
    expect([archived, sampleProject].filter(isOpen)).toEqual([sampleProject]);
  });
});

test("a list takes a project in its place, and a new one at its end", () => {
  const renamed = { ...sampleProject, name: "Lemon" };
  expect(withProject([sampleProject, archived], renamed)).toEqual([renamed, archived]);
  expect(withProject([sampleProject], archived)).toEqual([sampleProject, archived]);
});

test.each([
  ["Web", "WEB"],
  ["Platform", "PLAT"],
  ["Live board", "LB"],
  ["one two three four five six seven", "OTTFFS"],
  ["Études 2", "ETUD"],
  ["X", ""],
  ["42", ""],
  ["", ""],
])("the name %j suggests the key %j", (name, key) => {
  expect(suggestedKey(name)).toBe(key);
});

describe("what was typed into a project's fields", () => {
  test("is sent where it differs, and spaces around a name are no difference", () => {
    expect(changeOf(sampleProject, {})).toBeNull();
    expect(changeOf(sampleProject, { name: " Lime ", key: "LIME" })).toBeNull();
    expect(changeOf(sampleProject, { name: "Lemon", key: "LIME", description: "Sour" })).toEqual({
      name: "Lemon",
      description: "Sour",
    });
  });

  test("stays when it was typed after the save began", () => {
    expect(afterSave({ name: "Lemon", key: "LEMO" }, { name: "Lem", key: "LEMO" })).toEqual({ name: "Lemon" });
  });
});

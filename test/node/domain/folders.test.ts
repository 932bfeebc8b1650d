import { describe, expect, it } from "vitest";
import { laneFolders } from "../../../domain/run/folders.ts";

const named = (id: string, owner: string, name: string) => ({ id, owner, name });

describe("the folders of a run's repositories", () => {
  it("are the workspace's root for one repository, and their names for several", () => {
    expect(laneFolders([named("1", "lime", "units")])).toEqual([""]);
    expect(laneFolders([named("1", "lime", "units"), named("2", "lime", "report")])).toEqual(["units", "report"]);
  });

  it("have the owner in front where two have one name, also in another case", () => {
    const two = [named("1", "lime", "units"), named("2", "acme", "Units"), named("3", "lime", "report")];
    expect(laneFolders(two)).toEqual(["lime-units", "acme-Units", "report"]);
  });

  it("have the id behind where even owner and name are taken", () => {
    const three = [named("1", "a", "b"), named("2", "c", "b"), named("3", "lime", "a-b")];
    expect(new Set(laneFolders(three)).size).toBe(3);
    expect(laneFolders(three)[0]).toBe("a-b-1");
  });

  it("are names that a file system takes, whatever the repository is called", () => {
    expect(
      laneFolders([named("1", "lime", ".github"), named("2", "lime", "ünits/.."), named("3", "lime", "")]),
    ).toEqual(["repository.github", "-nits-..", "repository"]);
  });
});

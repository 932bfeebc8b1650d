import { describe, expect, it } from "vitest";
import { gitBlobId } from "../../../domain/hash.ts";
import { applyProblems, type BaseEntry } from "../../../domain/patch-set/apply-check.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";

const bytes = new TextEncoder().encode("new\n");
const blob = "b".repeat(40);
const entry = (path: string, mode = "100644"): BaseEntry => ({ path, mode, blob });
const after = { afterMode: "100644" as const, afterBlob: gitBlobId(bytes), bytes };
const added = (path: string): TreeChange => ({ path, status: "added", ...after });
const modified = (path: string): TreeChange => ({
  ...{ path, status: "modified", beforeMode: "100644", beforeBlob: blob },
  ...after,
});
const deleted = (path: string): TreeChange => ({ path, status: "deleted", beforeMode: "100644", beforeBlob: blob });

describe("names that the base has already", () => {
  it.each(["with\ttab.txt", "aux.js", "back\\slash", "src/con.c", "a\u007f"])("are edited and deleted: %j", (path) => {
    expect(applyProblems([modified(path)], [entry(path)])).toEqual([]);
    expect(applyProblems([deleted(path)], [entry(path)])).toEqual([]);
    expect(applyProblems([added(path)], [])).toHaveLength(1);
  });

  it("may differ only by case; a new one may not", () => {
    const twins = [entry("Readme.md"), entry("README.md"), entry("a.txt")];
    expect(applyProblems([modified("README.md"), modified("a.txt")], twins)).toEqual([]);
    expect(applyProblems([added("readme.md")], twins)).not.toEqual([]);
    expect(applyProblems([deleted("a.txt"), added("A.txt")], twins)).toEqual([]);
    expect(applyProblems([added("A.txt")], twins)).toEqual([
      '"A.txt": differs from "a.txt" only by case or normalisation',
    ]);
  });

  it("may have permission bits that git no longer writes", () => {
    expect(applyProblems([modified("old.sh")], [entry("old.sh", "100664")])).toEqual([]);
    expect(applyProblems([modified("old.sh")], [entry("old.sh", "100775")])).toHaveLength(1);
  });
});

describe("a submodule", () => {
  const base = [entry("lib", "160000")];
  it("stays as it is, with everything in it", () => {
    expect(applyProblems([added("lib/x.js")], base)).toEqual([
      '"lib/x.js": lies in the submodule "lib", which belongs to another repository',
    ]);
    expect(applyProblems([added("lib")], base)).toEqual(['"lib": is a submodule, which belongs to another repository']);
  });
});

describe("a name that is not UTF-8", () => {
  it("is no path that a forge can take, new or not", () => {
    expect(applyProblems([modified("caf\uefe9")], [entry("caf\uefe9")])).toHaveLength(1);
    expect(applyProblems([added("caf\udce9")], [])).toHaveLength(1);
    expect(applyProblems([added("café")], [])).toEqual([]);
  });
});

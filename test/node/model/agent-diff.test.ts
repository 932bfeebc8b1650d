import { describe, expect, it } from "vitest";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import { fileDiffText } from "../../../domain/review/diff-text.ts";
import { readDiff } from "../../../local/model/agent/review/diff.ts";
import { renderDiff } from "../../../worker/services/run/engine/diff-text.ts";

const encoder = new TextEncoder();
const base = new Map<string, Uint8Array>();

/** A change from one text to another; undefined where the file was or is not there. */
function change(path: string, before: string | undefined, after: string | undefined): TreeChange {
  const beforeBlob = before === undefined ? undefined : `blob of ${path}`;
  if (before !== undefined && beforeBlob !== undefined) base.set(beforeBlob, encoder.encode(before));
  return {
    path,
    status: before === undefined ? "added" : after === undefined ? "deleted" : "modified",
    ...(before === undefined ? {} : { beforeBlob, beforeMode: "100644" }),
    ...(after === undefined ? {} : { afterBlob: `new ${path}`, afterMode: "100644", bytes: encoder.encode(after) }),
  } as TreeChange;
}

const rendered = (...changes: readonly TreeChange[]) => readDiff(renderDiff(changes, (blob) => base.get(blob)));
const paths = (files: ReturnType<typeof readDiff>) => files.map(({ path, removed }) => [path, removed]);

describe("the offline reviewer reads a patch set's diff", () => {
  it("with each of its files once: changed, new, deleted and new again", () => {
    const files = rendered(
      change("a.js", "one\ntwo\n", "one\nthree\n"),
      change("b.js", undefined, "new\n"),
      change("c.js", "gone\n", undefined),
      change("d.js", undefined, "also new\n--- /dev/null\n"),
      change("e.js", "x\n", "y\n"),
    );
    expect(paths(files)).toEqual([
      ["a.js", false],
      ["b.js", false],
      ["c.js", true],
      ["d.js", false],
      ["e.js", false],
    ]);
    expect(files.map(({ added, deleted }) => [added.length, deleted.length])).toEqual([
      [1, 1],
      [1, 0],
      [0, 1],
      [2, 0],
      [1, 1],
    ]);
    expect(files[1]?.added).toEqual([{ line: 1, text: "new" }]);
  });

  it("also where a file's lines are not shown: empty, binary, another mode, too different", () => {
    const image = Uint8Array.from([0x89, 0x50, 0xff, 0, 0xfe]);
    const gone = change("gone.png", "", undefined);
    base.set("blob of gone.png", image);
    const long = (seed: number) => Array.from({ length: 3000 }, (_line, at) => `${(at * seed) % 9973}\n`).join("");
    const files = rendered(
      { ...change("binary.png", undefined, ""), bytes: image },
      change("empty.txt", undefined, ""),
      gone,
      { ...change("run.sh", "x\n", "x\n"), afterMode: "100755" },
      change("some long.txt", long(7), long(11)),
      change("z.js", undefined, "z\n"),
    );
    expect(paths(files)).toEqual([
      ["binary.png", false],
      ["empty.txt", false],
      ["gone.png", true],
      ["run.sh", false],
      ["some long.txt", false],
      ["z.js", false],
    ]);
  });

  it("and a pull request's, as git writes it", () => {
    const file = { additions: 1, deletions: 0, previousPath: null } as const;
    const files = readDiff(
      [
        fileDiffText({ ...file, path: "a.js", status: "modified", patch: "@@ -1 +1,2 @@\n one\n+two" }),
        fileDiffText({ ...file, path: "b.js", status: "added", patch: "@@ -0,0 +1 @@\n+new" }),
        fileDiffText({ ...file, path: "c.png", status: "added", patch: null }),
        fileDiffText({ ...file, path: "e.js", status: "renamed", previousPath: "d.js", additions: 0, patch: null }),
        fileDiffText({ ...file, path: "f.js", status: "removed", patch: "@@ -1 +0,0 @@\n-old" }),
      ].join("\n"),
    );
    expect(paths(files)).toEqual([
      ["a.js", false],
      ["b.js", false],
      ["c.png", false],
      ["e.js", false],
      ["f.js", true],
    ]);
  });

  it("passes over text that is no diff", () => {
    expect(readDiff("nothing here\n\nmodified nothing\nat all\n")).toEqual([]);
  });
});

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { blobIdOf } from "../../../sandbox-host/archive-content.ts";
import { cleaned, hasTextCrlf, type FileAttributes } from "../../../sandbox-host/clean.ts";

const lines: readonly (readonly [string, FileAttributes])[] = [
  ["", {}],
  ["text", { text: "set" }],
  ["-text", { text: "unset" }],
  ["text=auto", { text: "auto" }],
  ["text=input", { text: "input" }],
  ["text=auto eol=crlf", { text: "auto", eol: "crlf" }],
  ["text=auto eol=lf", { text: "auto", eol: "lf" }],
  ["text eol=crlf", { text: "set", eol: "crlf" }],
  ["eol=crlf", { eol: "crlf" }],
  ["-text eol=crlf", { text: "unset", eol: "crlf" }],
  ["crlf", { crlf: "set" }],
  ["-crlf", { crlf: "unset" }],
  ["crlf=input", { crlf: "input" }],
  ["ident", { ident: "set" }],
  ["text ident", { text: "set", ident: "set" }],
  ["binary", { text: "unset" }],
  ["filter=lfs", { filter: "lfs" }],
  ["text working-tree-encoding=UTF-16", { text: "set", "working-tree-encoding": "UTF-16" }],
];
const pieces = [
  "a line\r\n",
  "plain\n",
  "$Id: 12 $\n",
  "$Id$",
  "$Id: \n $",
  "\r",
  "\0",
  "é\r\n",
  "\u0001\u0002\r\n",
  "\u001a",
  "\t",
];

/** Small pseudo-random numbers, the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % below;
  };
}

it("stores a content as git add does, for every kind of attributes and line ends", () => {
  const folder = mkdtempSync(join(tmpdir(), "lime-clean-"));
  const git = (...args: readonly string[]): string =>
    execFileSync(
      "git",
      ["-C", folder, "-c", "core.safecrlf=false", "-c", "user.name=a", "-c", "user.email=a@b", ...args],
      { encoding: "utf8" },
    );
  try {
    const draw = numbers(7);
    const text = (): Buffer =>
      Buffer.from(
        Array.from({ length: draw(6) + 1 }, () => pieces[draw(pieces.length)]).join("") + "x".repeat(draw(300)),
      );
    const cases = Array.from({ length: 600 }, (_, index) => {
      const [line, attributes] = lines[index % lines.length] ?? ["", {}];
      const isUtf16 = line.includes("UTF-16");
      const before = draw(3) === 0 || isUtf16 ? undefined : text();
      const after = isUtf16 ? Buffer.from(`\uFEFFé ${String(index)}\r\n`, "utf16le") : text();
      return { path: `f${String(index)}`, line, attributes, before, after };
    });
    git("init", "--quiet");
    // The base's blobs are stored as they are.
    mkdirSync(join(folder, ".git/info"), { recursive: true });
    writeFileSync(join(folder, ".git/info/attributes"), "* -text -ident -working-tree-encoding\n");
    for (const { before, path } of cases) if (before !== undefined) writeFileSync(join(folder, path), before);
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "-m", "base");
    rmSync(join(folder, ".git/info/attributes"));
    const attributes = cases.flatMap(({ line, path }) => (line === "" ? [] : [`${path} ${line}\n`])).join("");
    writeFileSync(join(folder, ".gitattributes"), attributes);
    for (const { after, path } of cases) writeFileSync(join(folder, path), after);
    git("add", "--all");
    const stored = new Map(
      git("ls-files", "-s")
        .split("\n")
        .map((row) => [row.split("\t")[1] ?? "", row.split(" ")[1] ?? ""]),
    );
    for (const { after, attributes: own, before, line, path } of cases) {
      // A file that is as it was is not converted again.
      if (before?.equals(after) === true) continue;
      const ours = blobIdOf(cleaned(after, own, before !== undefined && hasTextCrlf(before)));
      expect(`${line} ${JSON.stringify(after.toString("latin1"))} ${ours}`).toBe(
        `${line} ${JSON.stringify(after.toString("latin1"))} ${stored.get(path) ?? ""}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

import { describe, expect, it } from "vitest";
import { gitBlobId } from "../../../domain/hash.ts";
import { readContent } from "../../../domain/patch-set/content.ts";
import type { TreeChange } from "../../../domain/patch-set/types.ts";
import { evaluatePolicy } from "../../../domain/policy/evaluate.ts";
import { defaultPolicy } from "../../../domain/policy/types.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const utf16 = (text: string, isBig = false, hasMark = true): Uint8Array =>
  Uint8Array.from(
    Array.from(hasMark ? `\ufeff${text}` : text, (character) => character.charCodeAt(0)).flatMap((code) =>
      isBig ? [code >> 8, code & 255] : [code & 255, code >> 8],
    ),
  );
/** Bytes that no reader takes for text. */
const image = Uint8Array.from({ length: 4000 }, (_, index) => (index * 7919 + (index >> 3) * 31) % 256);

const token = `ghp_${"aB3dE6gH9k".repeat(4).slice(0, 36)}`;
const line = `const key = "${token}";\n`;
const hidden = "if (admin\u202e) {}\n";

function found(bytes: Uint8Array, path = "src/a.ts", before?: Uint8Array): readonly string[] {
  const change: TreeChange = { path, status: "added", afterMode: "100644", afterBlob: gitBlobId(bytes), bytes };
  const input = { change, before: before === undefined ? undefined : readContent(before), after: readContent(bytes) };
  return evaluatePolicy(defaultPolicy, [input]).map(({ rule, severity }) => `${severity} ${rule}`);
}

describe("rules read bytes", () => {
  it.each<[string, Uint8Array]>([
    ["beside a NUL", joined(utf8(`a\n`), Uint8Array.of(0), utf8(line))],
    ["beside a byte that is no UTF-8", joined(utf8("// caf"), Uint8Array.of(0xe9), utf8(`\n${line}`))],
    ["in UTF-16 with its mark", utf16(line)],
    ["in big-endian UTF-16 with its mark", utf16(line, true)],
    ["in UTF-16 without its mark", utf16(line, false, false)],
    ["at an odd place of UTF-16", joined(Uint8Array.of(65), utf16(line, false, false))],
    ["beyond column 20,000", utf8(`${"x ".repeat(15_000)}${line}`)],
    ["inside a binary", joined(image, utf8(`\n${line}`), image)],
    ["as UTF-16 inside a binary", joined(image, utf16(`\n${line}`, false, false), image)],
  ])("find a credential %s", (_name, bytes) => {
    expect(found(bytes)).toContain("BLOCK secret");
  });

  it.each<[string, Uint8Array]>([
    ["beside a NUL", joined(utf8(hidden), Uint8Array.of(0))],
    ["beside a byte that is no UTF-8", joined(utf8(hidden), Uint8Array.of(0xff, 10))],
    ["in UTF-16", utf16(hidden)],
  ])("find a bidirectional control %s", (_name, bytes) => {
    expect(found(bytes)).toContain("BLOCK hidden-unicode");
  });

  it("find a credential in a file's name", () => {
    expect(found(utf8("x\n"), `notes/${token}.md`)).toContain("BLOCK secret");
  });

  it("look only at what is added, in every encoding", () => {
    expect(found(utf16(`${line}more\n`), "a.txt", utf16(line))).not.toContain("BLOCK secret");
    const before = joined(image, utf8(`\n${line}`));
    expect(found(joined(before, image), "a.bin", before)).not.toContain("BLOCK secret");
  });

  it("name a content that can't be shown, and one that is shown decoded", () => {
    expect(found(image)).toEqual(["WARN binary"]);
    expect(found(utf16("plain\n"))).toEqual(["WARN encoding"]);
    expect(found(joined(utf8("caf"), Uint8Array.of(0xe9, 10)))).toEqual(["WARN encoding"]);
    expect(found(utf8("café\n"))).toEqual([]);
  });
});

describe("bytes read as text", () => {
  it.each<[string, Uint8Array, string, string]>([
    ["UTF-8", utf8("Straße 👍"), "utf-8", "Straße 👍"],
    ["Latin-1", joined(utf8("Stra"), Uint8Array.of(0xdf), utf8("e")), "mixed", "Straße"],
    [
      "UTF-8 beside Latin-1",
      joined(utf8("Straße "), Uint8Array.of(0xe9), utf8("tude — ok")),
      "mixed",
      "Straße étude — ok",
    ],
    ["a NUL in a text", utf8("one\0two three four"), "mixed", "one\0two three four"],
    ["UTF-16", utf16("Straße"), "utf-16le", "\ufeffStraße"],
    ["nothing", new Uint8Array(), "utf-8", ""],
  ])("reads %s", (_name, bytes, encoding, text) => {
    expect(readContent(bytes)).toMatchObject({ encoding, text });
  });

  it("does not show a script behind a false mark as other signs", () => {
    const script = joined(Uint8Array.of(0xff, 0xfe), utf8("rm -rf ~ #\n"));
    expect(readContent(script)).toMatchObject({ encoding: "mixed", text: "ÿþrm -rf ~ #\n" });
  });

  it("calls an image binary", () => {
    expect(readContent(image).encoding).toBe("binary");
  });
});

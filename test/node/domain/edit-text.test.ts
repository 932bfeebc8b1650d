import { describe, expect, it } from "vitest";
import { editText } from "../../../domain/patch-set/edit-text.ts";
import { terminalText } from "../../../domain/run/command-text.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf16 = (text: string): Uint8Array =>
  Uint8Array.from(text.split("").flatMap((unit) => [unit.charCodeAt(0) & 255, unit.charCodeAt(0) >> 8]));

function edited(bytes: Uint8Array, oldText: string, newText: string, all = false): string | number {
  const result = editText(bytes, { oldText, newText, all });
  return result.ok ? String.fromCharCode(...result.bytes) : result.count;
}

describe("an edit", () => {
  it("matches either line end and keeps the file's own", () => {
    expect(edited(utf8("a\r\nb\r\nc\r\n"), "a\nb", "x\ny\nz")).toBe("x\r\ny\r\nz\r\nc\r\n");
    expect(edited(utf8("a\r\nb\r\n"), "b", "x\ny")).toBe("a\r\nx\r\ny\r\n");
    expect(edited(utf8("a\nb\n"), "a\r\nb", "x\r\ny")).toBe("x\ny\n");
    expect(edited(utf8("a\nb\nc\r\nd\r\n"), "c\nd", "x\ny")).toBe("a\nb\nx\r\ny\r\n");
    expect(edited(utf8("a\nb\nc\r\nd\r\n"), "a\nb", "x\ny")).toBe("x\ny\nc\r\nd\r\n");
    expect(edited(utf8("one"), "one", "1\r\n2")).toBe("1\r\n2");
  });

  it("counts the places, and takes all when asked", () => {
    expect(edited(utf8("a\r\na\r\n"), "a\n", "b\n")).toBe(2);
    expect(edited(utf8("a\r\na\r\n"), "a\n", "b\n", true)).toBe("b\r\nb\r\n");
    expect(edited(utf8("a"), "b", "c")).toBe(0);
    expect(edited(utf8("a$&"), "a", "$&")).toBe("$&$&");
  });

  it("keeps byte order marks and every byte that is not UTF-8", () => {
    expect(edited(utf8("\uFEFFone\n"), "one", "two")).toBe("\u00ef\u00bb\u00bftwo\n");
    expect(edited(latin1("caf\u00e9 = 1\n"), "= 1", "= 2")).toBe("caf\u00e9 = 2\n");
    expect(edited(latin1("caf\u00e9 = 1\n"), "café", "th\u00e9")).toBe("th\u00e9 = 1\n");
    const sixteen = utf16("\uFEFFnäme\r\nline\r\n");
    const result = editText(sixteen, { oldText: "näme\nline", newText: "a\nb", all: false });
    expect(result.ok && result.bytes).toEqual(utf16("\uFEFFa\r\nb\r\n"));
  });
});

describe("a command's output", () => {
  it("is what a terminal shows at its end", () => {
    expect(terminalText("\u001b[1;32mok\u001b[0m \u001b]0;title\u0007done\u001b]8;;x\u001b\\link")).toBe("ok donelink");
    expect(terminalText("10 %\r50 %\r100 %\nend\r\n")).toBe("100 %\nend\n");
    expect(terminalText(Array.from({ length: 10_000 }, (_, index) => `${String(index)}\r`).join(""))).toBe("9999");
    expect(terminalText("\r\r\r")).toBe("");
  });

  it("is read in linear time", () => {
    const startedAt = performance.now();
    for (const text of ["\u001b[", "\u001b]", "\r", "\u001b[1;"]) terminalText(text.repeat(300_000));
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

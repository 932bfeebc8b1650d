import { expect, it } from "vitest";
import { cleanFileName, savedAs } from "../../../domain/text/file-name.ts";

it.each([
  ["a.txt", "a.txt"],
  ["../../etc/passwd", "passwd"],
  ["C:\\temp\\x.pdf", "x.pdf"],
  [".htaccess", "htaccess"],
  ["a\u202etxt.exe", "atxt.exe"],
  ["a\r\nb.txt", "ab.txt"],
  ["  two   words .md ", "two words .md"],
  ["日本語.png", "日本語.png"],
  ["/", "file"],
  ["...", "file"],
  ["\u0000", "file"],
])("the name %j is kept as %j", (given, kept) => {
  expect(cleanFileName(given, 200)).toBe(kept);
});

it("a long name is cut before its ending, never within a character", () => {
  const name = cleanFileName(`${"😀".repeat(300)}.tar.gz`, 20);
  expect(Array.from(name)).toHaveLength(20);
  expect(name.endsWith("😀.gz")).toBe(true);
});

it("a saved name has a plain form and one that keeps every character", () => {
  expect(savedAs("a\"b\\é%'(1).txt")).toBe(
    "attachment; filename=\"a_b___'(1).txt\"; filename*=UTF-8''a%22b%5C%C3%A9%25%27%281%29.txt",
  );
});

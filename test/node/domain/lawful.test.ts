import { expect, it } from "vitest";
import {
  isDeeperThan,
  isLawfulName,
  lawfulId,
  lawfulName,
  lawfulText,
  lawfulValue,
} from "../../../domain/run/lawful.ts";

it.each([
  ["a\ud800b", "a\ufffdb"],
  ["\udc00", "\ufffd"],
  ["a\0b", "a\ufffdb"],
  ["🍋", "🍋"],
  ["", ""],
])("a text that JSON or SQLite can't hold is made one that they can: %j", (text, expected) => {
  expect(lawfulText(text)).toBe(expected);
});

it("a value is made lawful in its keys and its depth, and is the same object when it is so already", () => {
  const fine = { a: ["b", 1, null, { c: true }] };
  expect(lawfulValue(fine)).toBe(fine);
  expect(lawfulValue({ "k\0": ["\ud800", { x: "ok" }] })).toEqual({ "k\ufffd": ["\ufffd", { x: "ok" }] });
  const own = JSON.parse('{"__proto__": "\\u0000"}') as object;
  expect(JSON.stringify(lawfulValue(own))).toBe('{"__proto__":"\ufffd"}');
});

it.each(["", "repo.shell $x", "multi_tool_use.parallel", "a".repeat(65), "read file", "größe", "x\0"])(
  "a tool name that vendors refuse becomes one that they take and that is no tool's: %j",
  (name) => {
    expect(isLawfulName(name)).toBe(false);
    expect(lawfulName(name)).toMatch(/^unknown-[A-Za-z0-9_-]{1,56}$/u);
  },
);

it("ids stay as they are unless they are taken or not lawful", () => {
  const taken = new Set(["call_1", "t3-1"]);
  expect(lawfulId("call_2", taken, "t3-0")).toBe("call_2");
  expect(lawfulId("call_1", taken, "t3-0")).toBe("t3-0");
  expect(lawfulId("", taken, "t3-1")).toBe("t3-1-2");
});

it("depth is told of any value without running out of stack", () => {
  const deep: unknown = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
  expect(isDeeperThan(deep, 64)).toBe(true);
  expect(isDeeperThan({ a: [{ b: [1, 2] }] }, 4)).toBe(false);
  expect(isDeeperThan({ a: [{ b: [1, 2] }] }, 2)).toBe(true);
  expect(isDeeperThan("text", 0)).toBe(false);
});

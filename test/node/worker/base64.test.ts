import fc from "fast-check";
import { expect, it } from "vitest";
import { fromBase64, toBase64, toBase64Url } from "../../../worker/base64.ts";

it("writes and reads the base64 that Node writes and reads", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      expect(toBase64(bytes)).toBe(buffer.toString("base64"));
      expect(toBase64Url(bytes)).toBe(buffer.toString("base64url"));
      expect(buffer.equals(fromBase64(toBase64(bytes)) ?? Buffer.from("none"))).toBe(true);
      expect(buffer.equals(fromBase64(toBase64Url(bytes)) ?? Buffer.from("none"))).toBe(true);
    }),
  );
});

it("takes megabytes, and joins its pieces without padding in between", () => {
  for (const length of [24_575, 24_576, 24_577, 5_000_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7) % 251);
    expect(toBase64(bytes) === Buffer.from(bytes).toString("base64"), String(length)).toBe(true);
  }
});

it("ignores white space, and says nothing of other texts", () => {
  expect(fromBase64(" aGk\r\n= ")).toEqual(new Uint8Array([104, 105]));
  expect(fromBase64("")).toEqual(new Uint8Array());
  expect(fromBase64("a*b")).toBeUndefined();
  expect(fromBase64("a")).toBeUndefined();
});

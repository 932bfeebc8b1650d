import { expect, test } from "vitest";
import { readImageHeader } from "../../../domain/image/read-header.ts";
import { concat, gif, jpeg, png, webp } from "../../images.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

test.each([
  ["image/png", png(1200, 3)],
  ["image/jpeg", jpeg(1200, 3)],
  ["image/gif", gif(1200, 3)],
  ["image/webp", webp("VP8 ", 1200, 3)],
  ["image/webp", webp("VP8L", 1200, 3)],
  ["image/webp", webp("VP8X", 1200, 3)],
])("%s tells its size, also from inside a larger buffer", (mediaType, bytes) => {
  const expected = { mediaType, width: 1200, height: 3 };
  expect(readImageHeader(bytes)).toEqual(expected);
  expect(readImageHeader(concat([1, 2, 3], bytes).subarray(3))).toEqual(expected);
});

test.each([
  ["a PNG that ends in its header", png(8, 8).subarray(0, 20)],
  ["a PNG without a first chunk", concat(png(8, 8).subarray(0, 8), text("garbage that is no chunk at all"))],
  ["a PNG with no width", png(0, 8)],
  ["a JPEG that ends before its frame", jpeg(8, 8).subarray(0, 14)],
  ["a JPEG whose data comes without a frame", concat([0xff, 0xd8, 0xff, 0xda, 0, 4, 0, 0])],
  ["a JPEG with a segment of no length", concat([0xff, 0xd8, 0xff, 0xe0, 0, 0], new Uint8Array(40))],
  ["a GIF that ends after its name", gif(8, 8).subarray(0, 7)],
  ["a WebP of an unknown kind", concat(text("RIFF0000WEBPABCD"), new Uint8Array(20))],
  ["a WebP that ends early", webp("VP8X", 8, 8).subarray(0, 22)],
])("%s is damaged", (_, bytes) => {
  expect(readImageHeader(bytes)).toBe("damaged");
});

test.each([
  ["svg", text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
  ["svg", text('\n<?xml version="1.0"?><!-- a comment --><SVG></SVG>')],
  ["unknown", text("<!doctype html><script>alert(1)</script>")],
  ["unknown", text("%PDF-1.7")],
  ["unknown", new Uint8Array(0)],
  ["unknown", text("RIFF0000WAVE")],
])("%s: %#", (fault, bytes) => {
  expect(readImageHeader(bytes)).toBe(fault);
});

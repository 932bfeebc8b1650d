import type { ImageMediaType } from "../../contracts/upload.ts";

/** An image's type and sides by its first bytes; sides in pixels. */
export interface ImageHeader {
  readonly mediaType: ImageMediaType;
  readonly width: number;
  readonly height: number;
}

/** The reason for refusing bytes as an image: another format, or an incomplete header. `svg` can run scripts, so it has its own reason. */
export type ImageFault = "svg" | "unknown" | "damaged";

/**
 * Reads format and size from an image's own bytes, whatever its sender calls it. A file that begins like an image and whose header can't be
 * read is `damaged`.
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader | ImageFault {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const sides = startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
      ? png(view)
      : startsWith(bytes, [0xff, 0xd8, 0xff])
        ? jpeg(view)
        : text(view, 0, 6) === "GIF87a" || text(view, 0, 6) === "GIF89a"
          ? { mediaType: "image/gif" as const, width: view.getUint16(6, true), height: view.getUint16(8, true) }
          : text(view, 0, 4) === "RIFF" && text(view, 8, 4) === "WEBP"
            ? webp(view)
            : undefined;
    if (sides === undefined) return isSvg(bytes) ? "svg" : "unknown";
    return sides.width > 0 && sides.height > 0 ? sides : "damaged";
  } catch (error) {
    if (error instanceof RangeError) return "damaged";
    throw error;
  }
}

/** https://www.w3.org/TR/png-3/#11IHDR: the first chunk. */
function png(view: DataView): ImageHeader {
  if (text(view, 12, 4) !== "IHDR") throw new RangeError("no IHDR");
  return { mediaType: "image/png", width: view.getUint32(16), height: view.getUint32(20) };
}

/** ITU-T T.81: segments up to the frame's header, which is one of SOF0 to SOF15 without the three that are tables. */
function jpeg(view: DataView): ImageHeader {
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) throw new RangeError("no marker");
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xd8 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
      continue;
    }
    // The image's data or its end: no frame came before it.
    if (marker === 0xda || marker === 0xd9) throw new RangeError("no frame");
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { mediaType: "image/jpeg", height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    const length = view.getUint16(at + 2);
    if (length < 2) throw new RangeError("no length");
    at += 2 + length;
  }
}

/** https://developers.google.com/speed/webp/docs/riff_container: lossy, lossless or extended. */
function webp(view: DataView): ImageHeader {
  const mediaType = "image/webp" as const;
  switch (text(view, 12, 4)) {
    case "VP8 ":
      return { mediaType, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return { mediaType, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { mediaType, width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
    default:
      throw new RangeError("no known chunk");
  }
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

function startsWith(bytes: Uint8Array, head: readonly number[]): boolean {
  return head.every((byte, index) => bytes[index] === byte);
}

/** Characters of one byte each; "" when there are fewer. */
function text(view: DataView, at: number, length: number): string {
  if (view.byteLength < at + length) return "";
  return String.fromCharCode(...Array.from({ length }, (_, index) => view.getUint8(at + index)));
}

function isSvg(bytes: Uint8Array): boolean {
  const head = String.fromCharCode(...bytes.subarray(0, 1024)).toLowerCase();
  return head.includes("<svg") || head.trimStart().startsWith("<?xml");
}

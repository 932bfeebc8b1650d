/* Smallest files of each format, made by hand: header and, for PNG, a body that a browser can show. */

/** A whole PNG of one colour. Sides in pixels; `grey` from 0 to 255. */
export function png(width: number, height: number, grey = 0x80): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(height * (width + 1)).fill(grey);
  for (let row = 0; row < height; row += 1) rows[row * (width + 1)] = 0;
  const header = concat(uint32(width), uint32(height), [8, 0, 0, 0, 0]);
  return concat(
    [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    chunk("IHDR", header),
    chunk("IDAT", stored(rows)),
    chunk("IEND", []),
  );
}

/** A JPEG up to its frame header, with an EXIF segment before it. */
export function jpeg(width: number, height: number): Uint8Array<ArrayBuffer> {
  const exif = [0xff, 0xe1, 0x00, 0x08, ...ascii("Exif"), 0, 0];
  const frame = [0xff, 0xc2, 0x00, 0x11, 8, height >> 8, height & 0xff, width >> 8, width & 0xff, 3];
  return concat([0xff, 0xd8], exif, [0xff], frame, new Uint8Array(9), [0xff, 0xd9]);
}

/** A GIF's header. */
export function gif(width: number, height: number): Uint8Array<ArrayBuffer> {
  return concat(ascii("GIF89a"), [width & 0xff, width >> 8, height & 0xff, height >> 8, 0, 0, 0, 0x3b]);
}

/** A WebP's header: lossy, lossless or extended. */
export function webp(kind: "VP8 " | "VP8L" | "VP8X", width: number, height: number): Uint8Array<ArrayBuffer> {
  const bits = (width - 1) | ((height - 1) << 14);
  const body = {
    "VP8 ": [0, 0, 0, 0x9d, 0x01, 0x2a, width & 0xff, width >> 8, height & 0xff, height >> 8],
    VP8L: [0x2f, bits & 0xff, (bits >> 8) & 0xff, (bits >> 16) & 0xff, (bits >>> 24) & 0xff],
    VP8X: [0, 0, 0, 0, (width - 1) & 0xff, (width - 1) >> 8, 0, (height - 1) & 0xff, (height - 1) >> 8, 0],
  }[kind];
  return concat(ascii("RIFF"), [0, 0, 0, 0], ascii("WEBP"), ascii(kind), [body.length, 0, 0, 0], body);
}

/** Bytes one after the other. */
export function concat(...parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function ascii(text: string): readonly number[] {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

function uint32(value: number): readonly number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

function chunk(name: string, body: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const named = concat(ascii(name), body);
  return concat(uint32(body.length), named, uint32(crc32(named)));
}

/** zlib without compression. https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4 */
function stored(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 65_535) {
    const block = bytes.subarray(at, at + 65_535);
    const last = at + 65_535 >= bytes.length ? 1 : 0;
    const { length } = block;
    blocks.push(concat([last, length & 0xff, length >> 8, ~length & 0xff, (~length >> 8) & 0xff], block));
  }
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return concat([0x78, 0x01], ...blocks, uint32(((b << 16) | a) >>> 0));
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

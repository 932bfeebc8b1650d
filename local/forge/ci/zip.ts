import { crc32 } from "node:zlib";

/** One file of an archive. */
export interface ZipFile {
  readonly name: string;
  readonly content: Uint8Array;
}

function header(signature: number, file: ZipFile, rest: readonly number[], extra: readonly number[]): Buffer {
  const name = Buffer.from(file.name, "utf8");
  const size = file.content.length;
  // Version 2.0, UTF-8 names, stored, no time, checksum, sizes, name length, no extra field.
  const fixed = Buffer.alloc(26);
  fixed.writeUInt16LE(20, 0);
  fixed.writeUInt16LE(0x0800, 2);
  fixed.writeUInt16LE(0, 4);
  fixed.writeUInt16LE(0, 6);
  fixed.writeUInt16LE(0x21, 8);
  fixed.writeUInt32LE(crc32(file.content), 10);
  fixed.writeUInt32LE(size, 14);
  fixed.writeUInt32LE(size, 18);
  fixed.writeUInt16LE(name.length, 22);
  fixed.writeUInt16LE(0, 24);
  const start = Buffer.alloc(4);
  start.writeUInt32LE(signature);
  return Buffer.concat([start, Buffer.from(rest), fixed, Buffer.from(extra), name]);
}

function littleEndian(value: number): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return [...bytes];
}

/** A zip archive of stored (uncompressed) files; under 4 GB and 65,536 files. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export function zip(files: readonly ZipFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const local = header(0x04034b50, file, [], []);
    // Made by version 2.0; after the sizes: no comment, disk 0, no attributes, where the local header is.
    directory.push(header(0x02014b50, file, [20, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...littleEndian(offset)]));
    parts.push(local, Buffer.from(file.content));
    offset += local.length + file.content.length;
  }
  const size = directory.reduce((sum, entry) => sum + entry.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

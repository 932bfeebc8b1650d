import { gzipSync } from "node:zlib";

/** One member of a test archive; paths are written as given, also unsafe ones. */
export interface TarMember {
  readonly path: string;
  readonly content?: string | Uint8Array;
  readonly executable?: boolean;
  /** Makes it a symlink. */
  readonly symlink?: string;
  /** Overrides the type character: "1" hard link, "3" device, "5" directory ... */
  readonly type?: string;
  /** Overrides the size written in the header. */
  readonly declaredBytes?: number;
}

/** A gzipped tarball as `git archive` writes one: a pax global header first, long names and links in pax headers. */
export function writeTarball(members: readonly TarMember[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(writeTar(members), { level: 1 }));
}

/** The same without gzip. */
export function writeTar(members: readonly TarMember[]): Buffer {
  const comment = pax("comment", "0123456789abcdef0123456789abcdef01234567");
  const pieces = [header("pax_global_header", comment.byteLength, { type: "g" }), padded(comment)];
  for (const member of members) {
    const content = Buffer.from(member.content ?? "");
    const long = [
      ...(Buffer.byteLength(member.path) > 100 ? [pax("path", member.path)] : []),
      ...(Buffer.byteLength(member.symlink ?? "") > 100 ? [pax("linkpath", member.symlink ?? "")] : []),
    ];
    if (long.length > 0) {
      const body = Buffer.concat(long);
      pieces.push(header("extended", body.byteLength, { type: "x" }), padded(body));
    }
    pieces.push(header(member.path, member.declaredBytes ?? content.byteLength, member), padded(content));
  }
  return Buffer.concat([...pieces, Buffer.alloc(1024)]);
}

function header(path: string, sizeBytes: number, member: Partial<TarMember>): Buffer {
  const block = Buffer.alloc(512);
  block.write(path.slice(0, 100), 0);
  block.write(member.executable === true ? "0000755\0" : "0000644\0", 100);
  block.write("0000000\0".repeat(2), 108);
  block.write(`${sizeBytes.toString(8).padStart(11, "0")}\0`, 124);
  block.write("00000000000\0", 136);
  block.write("        ", 148);
  block.write(member.type ?? (member.symlink === undefined ? "0" : "2"), 156);
  block.write((member.symlink ?? "").slice(0, 100), 157);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total: number, byte: number) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.byteLength % 512)) % 512)]);
}

/** A pax record, whose length counts its own digits. */
function pax(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return Buffer.from(`${String(length)} ${key}=${value}\n`);
}

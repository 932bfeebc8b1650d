import { hash } from "node:crypto";

/** As `domain/hash.ts`, by Node's own OpenSSL: the same answers several times as fast, and a long simulation hashes most of its time. */
export function sha256Hex(content: Uint8Array | string): string {
  return hash("sha256", content);
}

/** As `domain/hash.ts`, by Node's own OpenSSL. */
export function gitBlobId(content: Uint8Array): string {
  return hash("sha1", Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]));
}

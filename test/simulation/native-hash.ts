import { createHash } from "node:crypto";

/** As `domain/hash.ts`, by Node's own OpenSSL: the same answers several times as fast, which is what a long simulation spends most on. */
export function sha256Hex(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** As `domain/hash.ts`, by Node's own OpenSSL. */
export function gitBlobId(content: Uint8Array): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

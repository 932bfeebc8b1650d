import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/** SHA-256 in lower-case hex of bytes, or of a text's UTF-8 bytes. */
export function sha256Hex(content: Uint8Array | string): string {
  return bytesToHex(sha256(typeof content === "string" ? utf8ToBytes(content) : content));
}

/** SHA-256 of a text's UTF-8 bytes, in its 32 bytes. */
export function sha256Bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(sha256(utf8ToBytes(text)));
}

/** Bytes in lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** Git's object id of a blob: SHA-1 of `blob <size>\0<content>`. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export function gitBlobId(content: Uint8Array): string {
  return bytesToHex(sha1(concatBytes(utf8ToBytes(`blob ${content.length}\0`), content)));
}

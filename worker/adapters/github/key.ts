import { fromBase64, toBase64 } from "../../base64.ts";
import { forgeError } from "./errors.ts";

/**
 * The RSA private key of a GitHub App as PKCS#8 PEM. GitHub hands out PKCS#1 (`BEGIN RSA PRIVATE KEY`), which WebCrypto
 * does not read: it is wrapped as RFC 5208 section 5 says. PKCS#8 comes back as it is; escaped line breaks, as an environment
 * variable has them, are understood. Throws a permanent PortError `bad_key` for anything else; no part of the key is in the message.
 */
export function toPkcs8Pem(pem: string): string {
  const match = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/u.exec(pem.replaceAll("\\n", "\n"));
  const label = match?.[1];
  const body = match?.[2];
  if (label === undefined || body === undefined) throw badKey("it is not a PEM file");
  if (label !== "RSA PRIVATE KEY" && label !== "PRIVATE KEY")
    throw badKey(`a ${label} is not an RSA private key in PKCS#1 or PKCS#8`);
  if (body.includes(":")) throw badKey("it is encrypted");
  const der = fromBase64(body);
  if (der === undefined || der[0] !== tag.sequence) throw badKey("its content is not base64 of DER");
  return toPem(label === "PRIVATE KEY" ? der : wrapPkcs1(der));
}

function badKey(why: string): Error {
  return forgeError("permanent", "bad_key", `the GitHub App's private key can't be used: ${why}`);
}

/** DER tags, X.690. */
const tag = { integer: 0x02, octetString: 0x04, sequence: 0x30 } as const;

/** AlgorithmIdentifier of rsaEncryption (1.2.840.113549.1.1.1) with NULL parameters, RFC 3279 section 2.3.1. */
const rsaEncryption = Uint8Array.of(
  0x30,
  0x0d,
  0x06,
  0x09,
  0x2a,
  0x86,
  0x48,
  0x86,
  0xf7,
  0x0d,
  0x01,
  0x01,
  0x01,
  0x05,
  0x00,
);

/** PrivateKeyInfo ::= SEQUENCE { version INTEGER 0, algorithm, privateKey OCTET STRING } */
function wrapPkcs1(pkcs1: Uint8Array): Uint8Array {
  const version = element(tag.integer, Uint8Array.of(0));
  return element(tag.sequence, join([version, rsaEncryption, element(tag.octetString, pkcs1)]));
}

function element(tagByte: number, content: Uint8Array): Uint8Array {
  return join([Uint8Array.of(tagByte, ...lengthBytes(content.length)), content]);
}

/** Short form below 128, else the count of length bytes and then they. */
function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function toPem(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/gu) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}

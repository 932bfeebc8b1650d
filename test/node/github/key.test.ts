import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toPkcs8Pem } from "../../../worker/adapters/github/key.ts";

function rsaKey(modulusLength: number): { readonly pkcs1: string; readonly pkcs8: string } {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength });
  return {
    pkcs1: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    pkcs8: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

describe("toPkcs8Pem", () => {
  it.each([1024, 2048, 3072])("wraps a PKCS#1 key of %i bits as OpenSSL does", (bits) => {
    const key = rsaKey(bits);
    expect(toPkcs8Pem(key.pkcs1)).toBe(key.pkcs8);
  });

  it("leaves PKCS#8 as it is and understands escaped line breaks and Windows ones", () => {
    const key = rsaKey(2048);
    expect(toPkcs8Pem(key.pkcs8)).toBe(key.pkcs8);
    expect(toPkcs8Pem(key.pkcs1.replaceAll("\n", "\\n"))).toBe(key.pkcs8);
    expect(toPkcs8Pem(key.pkcs1.replaceAll("\n", "\r\n"))).toBe(key.pkcs8);
  });

  it("gives a key that WebCrypto signs with", async () => {
    const key = rsaKey(2048);
    const der = Buffer.from(toPkcs8Pem(key.pkcs1).replaceAll(/-----[^-]+-----|\s/gu, ""), "base64");
    const imported = await crypto.subtle.importKey(
      "pkcs8",
      der,
      { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
      false,
      ["sign"],
    );
    expect((await crypto.subtle.sign("RSASSA-PKCS1-v1_5", imported, Uint8Array.of(1))).byteLength).toBe(256);
    expect(createPrivateKey(toPkcs8Pem(key.pkcs1)).asymmetricKeyType).toBe("rsa");
  });

  it("refuses anything else, and shows nothing of it", () => {
    const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" })
      .privateKey.export({ type: "sec1", format: "pem" })
      .toString();
    const encrypted = generateKeyPairSync("rsa", { modulusLength: 1024 })
      .privateKey.export({ type: "pkcs1", format: "pem", cipher: "aes-128-cbc", passphrase: "x" })
      .toString();
    const cases = [
      "",
      "secret-nonsense",
      elliptic,
      encrypted,
      "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----",
      "-----BEGIN RSA PRIVATE KEY-----",
    ];
    for (const text of cases) {
      let caught: unknown;
      try {
        toPkcs8Pem(text);
      } catch (error) {
        caught = error;
      }
      expect(caught).toMatchObject({ name: "PortError", kind: "permanent", code: "bad_key" });
      const body = text.split("\n")[1];
      if (body !== undefined && body !== "") expect(String(caught)).not.toContain(body);
      expect(String(caught)).not.toContain("nonsense");
    }
  });
});

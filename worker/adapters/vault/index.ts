import { fromBase64, toBase64 } from "../../base64.ts";
import { PortError } from "../../ports/errors.ts";
import type { Vault } from "../../ports/vault.ts";

const version = "v1";
const ivBytes = 12;

/**
 * Envelope encryption by WebCrypto: each secret under an AES-256-GCM key of its own, that key wrapped by the deployment's master
 * key, the row's identity as additional data of both (NIST SP 800-38D). `masterKeys` are 32 bytes each in base64: the first
 * seals, all open, so that a key can be changed. Throws TypeError at the first use when one isn't 32 bytes.
 */
export function createVault(masterKeys: readonly string[]): Vault {
  let ring: Promise<readonly MasterKey[]> | undefined;
  const keys = (): Promise<readonly MasterKey[]> => (ring ??= Promise.all(masterKeys.map(importMasterKey)));
  return {
    async seal(secret, identity) {
      const [master] = await keys();
      if (master === undefined) throw new TypeError("the vault has no master key");
      const dataKey = crypto.getRandomValues(new Uint8Array(32));
      const wrapped = await encrypt(master.key, dataKey, identity);
      const sealed = await encrypt(
        await importKey(dataKey),
        Uint8Array.from(new TextEncoder().encode(secret)),
        identity,
      );
      return [version, master.id, wrapped, sealed].join(".");
    },
    async open(text, identity) {
      const [format, id, wrapped, sealed] = text.split(".");
      const master = (await keys()).find((candidate) => candidate.id === id);
      if (format !== version || wrapped === undefined || sealed === undefined) throw sealedElsewhere();
      if (master === undefined)
        throw new PortError("vault", "permanent", "unknown_key", "sealed under a master key that is not there");
      const dataKey = await decrypt(master.key, wrapped, identity);
      return new TextDecoder().decode(await decrypt(await importKey(dataKey), sealed, identity));
    },
  };
}

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
type Bytes = Uint8Array<ArrayBuffer>;

interface MasterKey {
  readonly id: string;
  readonly key: Key;
}

async function importMasterKey(text: string): Promise<MasterKey> {
  const bytes = fromBase64(text);
  if (bytes?.length !== 32)
    throw new TypeError(
      `a master key is 32 bytes in base64, not ${bytes === undefined ? "another text" : bytes.length}`,
    );
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const id = [...digest.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { id, key: await importKey(bytes) };
}

function importKey(bytes: Bytes): Promise<Key> {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function encrypt(key: Key, bytes: Bytes, identity: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters(iv, identity), key, bytes));
  const joined = new Uint8Array(iv.length + sealed.length);
  joined.set(iv);
  joined.set(sealed, iv.length);
  return toBase64(joined);
}

async function decrypt(key: Key, text: string, identity: string): Promise<Bytes> {
  try {
    const bytes = fromBase64(text) ?? new Uint8Array();
    const iv = bytes.slice(0, ivBytes);
    return new Uint8Array(await crypto.subtle.decrypt(parameters(iv, identity), key, bytes.slice(ivBytes)));
  } catch {
    // WebCrypto's words about a failed tag would help only an attacker.
    throw sealedElsewhere();
  }
}

function parameters(iv: Bytes, identity: string): { name: "AES-GCM"; iv: Bytes; additionalData: Bytes } {
  return { name: "AES-GCM", iv, additionalData: Uint8Array.from(new TextEncoder().encode(identity)) };
}

function sealedElsewhere(): PortError {
  return new PortError("vault", "permanent", "sealed_elsewhere", "altered, or sealed for another row");
}

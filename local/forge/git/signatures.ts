import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { commitBytes, type Commit } from "./commits.ts";

/*
 * The forge's signature on commits that it makes for an app. It stands where git keeps a PGP signature, and no other program can check it:
 * a random salt with the HMAC of salt and commit. The salt makes each commit's id another one, as the time does in a real signature.
 */
const begin = "-----BEGIN PGP SIGNATURE-----";
const end = "-----END PGP SIGNATURE-----";
const saltBytes = 16;

/** The forge's judgement on a commit's signature. */
interface Verification {
  readonly verified: boolean;
  /** GitHub's words: `valid`, `unsigned`, or `unknown_key` for a signature of somebody else. */
  readonly reason: "valid" | "unsigned" | "unknown_key";
  readonly signature: string | null;
  /** The signed text: the commit without its signature. */
  readonly payload: string | null;
}

function macOf(key: Buffer, salt: Buffer, payload: Buffer): Buffer {
  return createHmac("sha256", key).update(salt).update(payload).digest();
}

function unsignedBytes(commit: Omit<Commit, "sha">): Buffer {
  return commitBytes({ ...commit, signature: undefined });
}

/** The commit with the forge's signature on it. */
export function signed(key: Buffer, commit: Omit<Commit, "sha">): Omit<Commit, "sha"> {
  const salt = randomBytes(saltBytes);
  const content = Buffer.concat([salt, macOf(key, salt, unsignedBytes(commit))]).toString("base64");
  return { ...commit, signature: `${begin}\n\n${content}\n${end}` };
}

/** Judges a commit's signature as GitHub reports it. */
export function verify(key: Buffer, commit: Omit<Commit, "sha">): Verification {
  const { signature } = commit;
  if (signature === undefined) return { verified: false, reason: "unsigned", signature: null, payload: null };
  const payload = unsignedBytes(commit);
  const content = Buffer.from(signature.replace(begin, "").replace(end, ""), "base64");
  const [salt, mac] = [content.subarray(0, saltBytes), content.subarray(saltBytes)];
  const wanted = macOf(key, salt, payload);
  const verified = mac.length === wanted.length && timingSafeEqual(mac, wanted);
  return { verified, reason: verified ? "valid" : "unknown_key", signature, payload: payload.toString("utf8") };
}

import { createHash, randomBytes } from "node:crypto";
import type { ForgeCore } from "../core.ts";
import type { Installation } from "../store/installations.ts";
import type { Permissions } from "../types.ts";

/** The lifetime of an installation token: one hour, as on GitHub. */
export const installationTokenLifeMs = 60 * 60_000;
/** The lifetime of a person's token: as if the app had opted out of expiring user tokens, so there is none to refresh. */
export const userTokenLifeMs = 365 * 24 * 60 * 60_000;

/** SHA-256 of a secret in hex, which is stored instead of the secret. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret, "utf8").digest("hex");
}

/** A fresh secret with GitHub's kind of prefix: `ghs` for installations, `ghu` for people. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(30).toString("base64url").replaceAll(/[-_]/g, "x")}`;
}

/** Mints a token of an installation, narrowed to permissions and repositories; returns it with its end (UTC ms). */
export function mintInstallationToken(
  core: ForgeCore,
  installation: Installation,
  permissions: Permissions,
  repositoryIds: readonly number[] | undefined,
): { token: string; expiresAtMs: number } {
  const nowMs = core.now();
  core.store.installations.deleteExpired(nowMs);
  const token = newSecret("ghs");
  const expiresAtMs = nowMs + installationTokenLifeMs;
  core.store.installations.saveToken(hashSecret(token), {
    kind: "installation",
    installationId: installation.id,
    userId: null,
    permissions,
    repositoryIds,
    expiresAtMs,
  });
  return { token, expiresAtMs };
}

/** Mints a token that acts as a person through the app; returns it. */
export function mintUserToken(core: ForgeCore, userId: number): string {
  const token = newSecret("ghu");
  core.store.installations.saveToken(hashSecret(token), {
    kind: "user",
    installationId: null,
    userId,
    permissions: {},
    repositoryIds: undefined,
    expiresAtMs: core.now() + userTokenLifeMs,
  });
  return token;
}

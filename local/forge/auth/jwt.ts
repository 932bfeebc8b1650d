import { verify } from "node:crypto";
import type { AppIdentity } from "../core.ts";
import { badCredentials, notFound } from "../http/errors.ts";

function decodeObject(part: string): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? new Map<string, unknown>(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

/** Tells a JSON web token (three base64url parts) from an access token. */
export function looksLikeJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

/**
 * Checks that a JSON web token was signed (RS256) by the app's key and is valid now, as GitHub does:
 * https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 * Throws ApiError 401 for a wrong key or times, 404 for another app's id.
 */
export function verifyAppJwt(app: AppIdentity, token: string, nowMs: number): void {
  const [head = "", body = "", signature = ""] = token.split(".");
  const header = decodeObject(head);
  const claims = decodeObject(body);
  if (header === undefined || claims === undefined || header.get("alg") !== "RS256") {
    throw badCredentials("A JSON web token could not be decoded");
  }
  const genuine = verify(
    "RSA-SHA256",
    Buffer.from(`${head}.${body}`, "utf8"),
    app.publicKey,
    Buffer.from(signature, "base64url"),
  );
  if (!genuine) throw badCredentials("A JSON web token could not be decoded");
  const issuer = String(claims.get("iss"));
  if (issuer !== String(app.id) && issuer !== app.clientId) throw notFound("Integration not found");
  const issuedAt = claims.get("iat");
  const expires = claims.get("exp");
  const now = nowMs / 1000;
  if (typeof issuedAt !== "number" || issuedAt > now + 60) {
    throw badCredentials(
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  if (typeof expires !== "number" || expires <= now) {
    throw badCredentials(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (expires > Math.max(now, issuedAt) + 660)
    throw badCredentials("'Expiration time' claim ('exp') is too far in the future");
}

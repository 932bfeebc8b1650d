import { parseSigned } from "hono/utils/cookie";
import type { Database } from "../../db/client.ts";
import { selectSession, sessionOf } from "../../db/stores/session.ts";
import type { IdentitySession } from "../../ports/identity.ts";
import { cookieNames, type IdentityConfig } from "./config.ts";

/**
 * The token of a request's session cookie, or undefined when there is none or its signature is not ours. The cookie is
 * `<token>.<HMAC-SHA256 of the token>`, as the identity library writes it. No query; the session may have ended.
 */
export async function readSessionToken(
  config: Pick<IdentityConfig, "secret" | "publicUrl">,
  headers: Headers,
): Promise<string | undefined> {
  const cookie = headers.get("cookie");
  if (cookie === null) return undefined;
  const name = cookieNames(config).session;
  const token = (await parseSigned(cookie, config.secret, name))[name];
  return typeof token === "string" && token !== "" ? token : undefined;
}

/**
 * The session that a request's cookie names. It is read here so that an ordinary request costs one query and never loads the
 * identity library.
 *
 * @param nowMs UTC milliseconds, to tell whether the session has expired
 */
export async function readSession(
  config: Pick<IdentityConfig, "secret" | "publicUrl">,
  db: Database,
  headers: Headers,
  nowMs: number,
): Promise<IdentitySession | undefined> {
  const token = await readSessionToken(config, headers);
  return token === undefined ? undefined : sessionOf(await selectSession(db, token, nowMs));
}

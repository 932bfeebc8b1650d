import { and, desc, eq, gt, sql } from "drizzle-orm";
import { parseSigned } from "hono/utils/cookie";
import type { Database } from "../../db/client.ts";
import { member, session, user } from "../../db/schema/index.ts";
import type { IdentitySession } from "../../ports/identity.ts";
import { cookieNames, type IdentityConfig } from "./config.ts";

/**
 * The session that a request's cookie names. The cookie is `<token>.<HMAC-SHA256 of the token>`, as the identity library
 * writes it; it is checked here so that an ordinary request costs one query and never loads the library.
 *
 * @param nowMs UTC milliseconds, to tell whether the session has expired
 */
export async function readSession(
  config: Pick<IdentityConfig, "secret" | "publicUrl">,
  db: Database,
  headers: Headers,
  nowMs: number,
): Promise<IdentitySession | undefined> {
  const cookie = headers.get("cookie");
  if (cookie === null) return undefined;
  const name = cookieNames(config).session;
  const token = (await parseSigned(cookie, config.secret, name))[name];
  if (typeof token !== "string" || token === "") return undefined;
  const [row] = await db
    .select({
      sessionId: session.id,
      expiresAt: session.expiresAt,
      userId: user.id,
      name: user.name,
      email: user.email,
      image: user.image,
      tenantId: member.organizationId,
      role: member.role,
    })
    .from(session)
    .innerJoin(user, eq(user.id, session.userId))
    .leftJoin(member, eq(member.userId, user.id))
    .where(and(eq(session.token, token), gt(session.expiresAt, new Date(nowMs))))
    // The active tenant when the person still belongs to it, else the one that they have belonged to longest.
    .orderBy(desc(sql`${member.organizationId} is ${session.activeOrganizationId}`), member.id)
    .limit(1);
  if (row === undefined) return undefined;
  return {
    sessionId: row.sessionId,
    expiresAtMs: row.expiresAt.getTime(),
    user: { id: row.userId, name: row.name, email: row.email, avatarUrl: row.image },
    membership: row.tenantId === null || row.role === null ? null : { tenantId: row.tenantId, role: row.role },
  };
}

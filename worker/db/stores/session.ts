import { and, desc, eq, gt, inArray, sql, type SQL } from "drizzle-orm";
import type { IdentitySession } from "../../ports/identity.ts";
import type { SessionAccess } from "../../ports/run-host.ts";
import type { Database } from "../client.ts";
import { member, session, user } from "../schema/index.ts";

/**
 * The live session of a token with its person and membership: the active tenant when the person still belongs to it, else the one that
 * they have belonged to longest. At most one row.
 *
 * @param nowMs UTC milliseconds, to tell whether the session has expired
 */
export function selectSession(db: Database, token: string, nowMs: number) {
  return db
    .select({
      // In a batch D1 answers rows by the names of their columns, so no two may be the same.
      sessionId: sql<number>`${session.id}`.as("session_id"),
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
    .orderBy(desc(sql`${member.organizationId} is ${session.activeOrganizationId}`), member.id)
    .limit(1);
}

/** The session of the rows of `selectSession`. */
export function sessionOf(rows: Awaited<ReturnType<typeof selectSession>>): IdentitySession | undefined {
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    sessionId: row.sessionId,
    expiresAtMs: row.expiresAt.getTime(),
    user: { id: row.userId, name: row.name, email: row.email, avatarUrl: row.image },
    membership: row.tenantId === null || row.role === null ? null : { tenantId: row.tenantId, role: row.role },
  };
}

/** Expression for one column of the membership that `selectSession` finds, for statements of the same batch; null without one. */
export function membershipOf<Column extends "organization_id" | "role">(
  column: Column,
  token: string,
  nowMs: number,
): SQL<Column extends "role" ? string : number> {
  return sql`(select m.${sql.identifier(column)} from ${session} as s join ${member} as m on m.user_id = s.user_id
    where s.token = ${token} and s.expires_at_ms > ${nowMs}
    order by m.organization_id is s.active_organization_id desc, m.id limit 1)`;
}

/** Expression for the person of the session that `selectSession` finds, for statements of the same batch; null without one. */
export function personOf(token: string, nowMs: number): SQL<number> {
  return sql<number>`(select s.user_id from ${session} as s where s.token = ${token} and s.expires_at_ms > ${nowMs})`;
}

/** D1 takes at most 100 values in a statement. */
const maxSessions = 90;

/** Of these sessions, those that live at `nowMs`, and whether their person belongs to the tenant. */
export async function accessOfSessions(
  db: Database,
  tenantId: number,
  sessionIds: readonly number[],
  nowMs: number,
): Promise<readonly SessionAccess[]> {
  const found: SessionAccess[] = [];
  for (let from = 0; from < sessionIds.length; from += maxSessions) {
    const rows = await db
      .select({ sessionId: session.id, memberId: member.id })
      .from(session)
      .leftJoin(member, and(eq(member.userId, session.userId), eq(member.organizationId, tenantId)))
      .where(
        and(inArray(session.id, sessionIds.slice(from, from + maxSessions)), gt(session.expiresAt, new Date(nowMs))),
      );
    found.push(...rows.map(({ memberId, sessionId }) => ({ sessionId, isMember: memberId !== null })));
  }
  return found;
}

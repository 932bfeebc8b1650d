import { and, eq, isNull, lte, or, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { member, openSocket, runNumber, session } from "../schema/index.ts";
import { membershipOf } from "./session.ts";

/** Records that a token's session opens a socket on a run of its tenant; nothing happens without such a session or run. */
export function noteSocket(db: Database, token: string, runId: number, nowMs: number) {
  return db
    .insert(openSocket)
    .select(
      sql`select s.id, n.id from ${session} as s join ${runNumber} as n on n.id = ${runId}
        where s.token = ${token} and s.expires_at_ms > ${nowMs} and n.tenant_id = ${membershipOf("organization_id", token, nowMs)}`,
    )
    .onConflictDoNothing();
}

/**
 * Records that a token's session opens a socket on the run whose number the same batch has just taken for it, at the same instant; nothing
 * happens when it took none.
 */
export function noteStartSocket(db: Database, token: string, nowMs: number) {
  return db
    .insert(openSocket)
    .select(
      sql`select s.id, n.id from ${session} as s join ${runNumber} as n on n.id = (select max(id) from ${runNumber})
        where s.token = ${token} and s.expires_at_ms > ${nowMs} and n.taken_at_ms = ${nowMs}
          and n.tenant_id = ${membershipOf("organization_id", token, nowMs)}`,
    )
    .onConflictDoNothing();
}

/** The runs on which a session has opened sockets; those of closed ones are among them. */
export async function runsWithSockets(db: Database, sessionId: number): Promise<readonly number[]> {
  const rows = await db
    .select({ runId: openSocket.runId })
    .from(openSocket)
    .where(eq(openSocket.sessionId, sessionId))
    .limit(1_000);
  return rows.map(({ runId }) => runId);
}

/** A socket that may be open although its session has expired, or its person has left the run's tenant. */
export interface LostSocket {
  readonly sessionId: number;
  readonly runId: number;
  readonly isExpired: boolean;
}

/** The sockets, at most `limit`, whose sessions may no longer read their runs at `nowMs`; over all tenants. */
export async function listLostSockets(db: Database, nowMs: number, limit: number): Promise<readonly LostSocket[]> {
  const now = new Date(nowMs);
  const rows = await db
    .select({ sessionId: openSocket.sessionId, runId: openSocket.runId, expiresAt: session.expiresAt })
    .from(openSocket)
    .innerJoin(session, eq(session.id, openSocket.sessionId))
    .innerJoin(runNumber, eq(runNumber.id, openSocket.runId))
    .leftJoin(member, and(eq(member.userId, session.userId), eq(member.organizationId, runNumber.tenantId)))
    .where(or(isNull(member.id), lte(session.expiresAt, now)))
    .limit(limit);
  return rows.map(({ expiresAt, ...row }) => ({ ...row, isExpired: expiresAt <= now }));
}

/** Forgets a socket: it is closed. */
export async function forgetSocket(db: Database, { runId, sessionId }: LostSocket): Promise<void> {
  await db.delete(openSocket).where(and(eq(openSocket.sessionId, sessionId), eq(openSocket.runId, runId)));
}

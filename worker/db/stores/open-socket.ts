import { and, eq, isNull, lte, or, sql, type SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { member, openSocket, organization, project, runNumber, session } from "../schema/index.ts";
import { membershipOf } from "./session.ts";

const socketKinds = ["run", "board", "feed"] as const;

/** The object of a socket: a run's, a project's board's or a tenant's feed's. */
export interface SocketObject {
  readonly kind: (typeof socketKinds)[number];
  /** The run's number, the project's or the tenant's id. */
  readonly id: number;
}

const nameOf = ({ id, kind }: SocketObject): string => `${kind}:${id}`;

function objectOf(name: string): readonly SocketObject[] {
  const [first, id] = name.split(":");
  const kind = socketKinds.find((known) => known === first);
  return kind === undefined ? [] : [{ kind, id: Number(id) }];
}

/** Records that a token's session opens a socket on a run of its tenant; nothing happens without such a session or run. */
export function noteSocket(db: Database, token: string, runId: number, nowMs: number) {
  return note(db, token, nowMs, "run", sql`${runNumber} as o`, sql`o.id = ${runId}`);
}

/** The same for the board of a project. */
export function noteBoardSocket(db: Database, token: string, projectId: number, nowMs: number) {
  return note(db, token, nowMs, "board", sql`${project} as o`, sql`o.id = ${projectId}`);
}

/** The same for the feed of the tenant that the session acts in. */
export function noteFeedSocket(db: Database, token: string, nowMs: number) {
  const tenant = sql`(select id, id as tenant_id from ${organization}) as o`;
  return note(db, token, nowMs, "feed", tenant, sql`o.id = ${membershipOf("organization_id", token, nowMs)}`);
}

/**
 * Records that a token's session opens a socket on the run whose number the same batch has just taken for it, at the same instant; nothing
 * happens when it took none.
 */
export function noteStartSocket(db: Database, token: string, nowMs: number) {
  const newest = sql`o.id = (select max(id) from ${runNumber}) and o.taken_at_ms = ${nowMs}`;
  return note(db, token, nowMs, "run", sql`${runNumber} as o`, newest);
}

function note(db: Database, token: string, nowMs: number, kind: SocketObject["kind"], table: SQL, isMeant: SQL) {
  return db
    .insert(openSocket)
    .select(
      sql`select s.id, ${`${kind}:`} || o.id, o.tenant_id from ${session} as s join ${table} on ${isMeant}
        where s.token = ${token} and s.expires_at_ms > ${nowMs} and o.tenant_id = ${membershipOf("organization_id", token, nowMs)}`,
    )
    .onConflictDoNothing();
}

/** The objects on which a session has opened sockets; those of closed ones are among them. */
export async function objectsWithSockets(db: Database, sessionId: number): Promise<readonly SocketObject[]> {
  const rows = await db
    .select({ object: openSocket.object })
    .from(openSocket)
    .where(eq(openSocket.sessionId, sessionId))
    .limit(1_000);
  return rows.flatMap(({ object }) => objectOf(object));
}

/** A socket that may be open although its session has expired, or its person has left the object's tenant. */
export interface LostSocket {
  readonly sessionId: number;
  readonly object: SocketObject;
  readonly isExpired: boolean;
}

/** The sockets, at most `limit`, whose sessions may no longer read their objects at `nowMs`; over all tenants. */
export async function listLostSockets(db: Database, nowMs: number, limit: number): Promise<readonly LostSocket[]> {
  const now = new Date(nowMs);
  const rows = await db
    .select({ sessionId: openSocket.sessionId, name: openSocket.object, expiresAt: session.expiresAt })
    .from(openSocket)
    .innerJoin(session, eq(session.id, openSocket.sessionId))
    .leftJoin(member, and(eq(member.userId, session.userId), eq(member.organizationId, openSocket.tenantId)))
    .where(or(isNull(member.id), lte(session.expiresAt, now)))
    .limit(limit);
  return rows.flatMap(({ expiresAt, name, sessionId }) =>
    objectOf(name).map((object) => ({ sessionId, object, isExpired: expiresAt <= now })),
  );
}

/** Forgets a socket: it is closed. */
export async function forgetSocket(db: Database, { object, sessionId }: LostSocket): Promise<void> {
  await db.delete(openSocket).where(and(eq(openSocket.sessionId, sessionId), eq(openSocket.object, nameOf(object))));
}

import { eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { openSocket, runNumber, session } from "../schema/index.ts";
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

/** The runs on which a session has opened sockets; those of closed ones are among them. */
export async function runsWithSockets(db: Database, sessionId: number): Promise<readonly number[]> {
  const rows = await db
    .select({ runId: openSocket.runId })
    .from(openSocket)
    .where(eq(openSocket.sessionId, sessionId))
    .limit(1_000);
  return rows.map(({ runId }) => runId);
}

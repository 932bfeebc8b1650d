import { eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { openSocket } from "../schema/index.ts";

/** Notes that a session has opened a socket on a run. Throws when the session is gone. */
export function noteSocket(db: Database, sessionId: number, runId: number) {
  return db.insert(openSocket).values({ sessionId, runId }).onConflictDoNothing();
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

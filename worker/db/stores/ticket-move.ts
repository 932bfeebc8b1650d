import { and, eq, inArray, sql } from "drizzle-orm";
import { actorKey } from "../../../contracts/actor.ts";
import { ticketMoves } from "../../../domain/run/effects.ts";
import type { Database } from "../client.ts";
import { audit, ticket } from "../schema/index.ts";
import { rankStep } from "./board.ts";

/** A ticket on its way to another column, moved by a run. */
export interface TicketMove {
  readonly tenantId: number;
  readonly runId: string;
  readonly ticketId: number;
  readonly to: keyof typeof ticketMoves;
  readonly atMs: number;
}

/**
 * Moves a run's ticket to the end of a column, once for a key, and records it in the audit log. A ticket that stands in no column that it
 * may come from, since a person has moved it further, stays where it is and nothing is recorded.
 */
export async function moveTicketOnce(db: Database, effectKey: string, move: TicketMove): Promise<void> {
  const { atMs, runId, tenantId, ticketId, to } = move;
  const movable = and(
    eq(ticket.tenantId, tenantId),
    eq(ticket.id, ticketId),
    inArray(ticket.column, [...ticketMoves[to]]),
  );
  const actor = { kind: "run", id: runId, name: "" } as const;
  const recorded = db
    .insert(audit)
    .select(
      sql`select null, ${tenantId}, ${Number(runId)}, ${actor.kind}, ${actorKey(actor)}, null, 'ticket.moved', ${`ticket:${ticketId}`},
        json_object('from', ${ticket.column}, 'to', ${to}), '', ${atMs}, ${effectKey} from ${ticket} where ${movable}`,
    )
    .onConflictDoNothing({ target: audit.effectKey });
  const peers = sql`peer.tenant_id = ${tenantId} and peer.project_id = ${ticket.projectId} and peer."column" = ${to}`;
  const moved = db
    .update(ticket)
    .set({
      column: to,
      rank: sql`(select coalesce(max(peer.rank), 0) + ${rankStep} from ${ticket} as peer where ${peers})`,
      updatedAtMs: atMs,
    })
    // The entry was made just now, so this effect has not moved the ticket before.
    .where(and(movable, sql`changes() = 1`));
  await db.batch([recorded, moved]);
}

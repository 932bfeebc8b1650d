import { sql, type SQL } from "drizzle-orm";
import { actorKey, type Actor } from "../../../contracts/actor.ts";
import type { Scope } from "../../context.ts";
import type { Database } from "../client.ts";
import { audit } from "../schema/index.ts";

/** One change, for the audit log. `subject` may be an expression, for a row that the same batch makes. */
export interface AuditEntry {
  readonly action: string;
  readonly subject: string | SQL;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The actor, the tenant, and the time (UTC milliseconds). */
export interface AuditedBy {
  readonly scope: Pick<Scope, "tenantId" | "actor" | "requestId">;
  readonly atMs: number;
}

/**
 * The audit row of a change, to be committed in the same batch.
 *
 * @param guard a condition without which no row is written; `changes() = 1` right after a statement that may miss
 */
export function recordAudit(db: Database, by: AuditedBy, entry: AuditEntry, guard: SQL = sql`true`) {
  const subject = typeof entry.subject === "string" ? sql`${entry.subject}` : entry.subject;
  const data = sql`${JSON.stringify(entry.data ?? {})}`;
  return recordAuditOfEach(db, by, { action: entry.action, subject, data }, sql`where ${guard}`);
}

/**
 * One audit row for each row that `from` yields, to be committed in the batch that changes those rows, before the change.
 *
 * @param entry its subject and its data (JSON) are expressions over such a row
 * @param from the clauses from FROM on, with the condition of the change
 */
export function recordAuditOfEach(
  db: Database,
  { atMs, scope }: AuditedBy,
  { action, data, subject }: { readonly action: string; readonly subject: SQL; readonly data: SQL },
  from: SQL,
) {
  const { actor, requestId, tenantId, ...rest } = scope;
  const sessionId = "sessionId" in rest && typeof rest.sessionId === "number" ? rest.sessionId : null;
  return db.insert(audit).select(
    sql`select null, ${tenantId}, ${actor.kind === "system" ? null : Number(actor.id)}, ${actor.kind}, ${actorKey(actor)},
      ${sessionId}, ${action}, ${subject}, ${data}, ${requestId}, ${atMs}, null ${from}`,
  );
}

/** An audit entry that is an effect of a run. */
export interface AuditOnce {
  readonly tenantId: number;
  readonly actor: Actor;
  readonly sessionId: number | null;
  readonly action: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  readonly atMs: number;
}

/** Inserts the audit entry of an effect; one whose key is there already is left alone. */
export function insertAuditOnce(db: Database, effectKey: string, { actor, ...entry }: AuditOnce) {
  return db
    .insert(audit)
    .values({
      ...entry,
      effectKey,
      actorId: actor.kind === "system" ? null : Number(actor.id),
      actorKind: actor.kind,
      actorKey: actorKey(actor),
    })
    .onConflictDoNothing({ target: audit.effectKey });
}

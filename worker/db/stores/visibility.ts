import { and, asc, eq, isNull, lt, or, sql, type SQL } from "drizzle-orm";
import type { Database, Statement } from "../client.ts";
import { connector, connectorVisibility, repository, repositoryVisibility } from "../schema/index.ts";

/** The person for whom rows are read; null: an actor that is no person and sees everything that the tenant has. */
export type Viewer = {
  readonly userId: number | SQL<number>;
  /** UTC milliseconds: older answers of the forge do not count any more. */
  readonly sinceMs: number;
} | null;

/** True in SQL for a row of `repository` that the viewer sees: a public one, or one that the forge showed them. */
export function seenBy(viewer: Viewer): SQL {
  if (viewer === null) return sql`true`;
  const { sinceMs, userId } = viewer;
  return sql`(${repository.isPrivate} = 0 or exists (select 1 from ${repositoryVisibility} as rs
    join ${connectorVisibility} as cs on cs.user_id = rs.user_id and cs.connector_id = rs.connector_id
    where rs.user_id = ${userId} and rs.connector_id = ${repository.connectorId}
      and rs.external_id = ${repository.externalId} and cs.answered_at_ms >= ${sinceMs}))`;
}

/**
 * The same, and true as well while the forge has not answered this person about the repository's installation. For a run's start: before
 * the run reads a repository, it asks the forge for its starter.
 */
export function notHiddenFrom(viewer: Viewer): SQL {
  if (viewer === null) return sql`true`;
  const { sinceMs, userId } = viewer;
  return sql`(${seenBy(viewer)} or not exists (select 1 from ${connectorVisibility} as known
    where known.user_id = ${userId} and known.connector_id = ${repository.connectorId} and known.answered_at_ms >= ${sinceMs}))`;
}

/** The forge's answer to a person about an installation. */
export interface VisibilityAnswer {
  /** False when the person can't see the installation at all. */
  readonly reachesInstallation: boolean;
  readonly externalIds: ReadonlySet<string>;
}

/** Keeps an answer of the forge in the place of the person's answer before. */
export function replaceVisibility(
  db: Database,
  userId: number,
  connectorId: SQL<number> | number,
  answer: VisibilityAnswer,
  atMs: number,
): Statement[] {
  const { externalIds, reachesInstallation } = answer;
  const row = { userId, connectorId, answeredAtMs: atMs, reachesInstallation, askedAtMs: atMs, problem: null };
  const { answeredAtMs, askedAtMs, problem } = row;
  return [
    db
      .delete(repositoryVisibility)
      .where(and(eq(repositoryVisibility.userId, userId), eq(repositoryVisibility.connectorId, connectorId))),
    db
      .insert(repositoryVisibility)
      .select(
        sql`select ${userId}, ${connectorId}, value from json_each(${JSON.stringify([...externalIds])}) where true`,
      )
      .onConflictDoNothing(),
    db
      .insert(connectorVisibility)
      .values(row)
      .onConflictDoUpdate({
        target: [connectorVisibility.userId, connectorVisibility.connectorId],
        set: { answeredAtMs, askedAtMs, problem, reachesInstallation },
      }),
  ];
}

/** Notes that the forge gave a person no answer, and the port's code for why; the answer before stays. */
export function recordNoAnswer(db: Database, userId: number, connectorId: number, problem: string, askedAtMs: number) {
  return db
    .insert(connectorVisibility)
    .values({ userId, connectorId, askedAtMs, problem })
    .onConflictDoUpdate({
      target: [connectorVisibility.userId, connectorVisibility.connectorId],
      set: { askedAtMs, problem },
    });
}

/**
 * The tenant's live connectors about which the forge is to be asked for this person: those whose last answer is from before
 * `answeredBeforeMs`, unless a question was asked since `askedSinceMs`. Both in UTC milliseconds.
 */
export function listDueConnectors(
  db: Database,
  tenantId: number,
  userId: number,
  { answeredBeforeMs, askedSinceMs }: { readonly answeredBeforeMs: number; readonly askedSinceMs: number },
) {
  return db
    .select({ id: connector.id, installationId: connector.installationId })
    .from(connector)
    .leftJoin(
      connectorVisibility,
      and(eq(connectorVisibility.connectorId, connector.id), eq(connectorVisibility.userId, userId)),
    )
    .where(
      and(
        eq(connector.tenantId, tenantId),
        isNull(connector.revokedAtMs),
        or(isNull(connectorVisibility.answeredAtMs), lt(connectorVisibility.answeredAtMs, answeredBeforeMs)),
        or(isNull(connectorVisibility.askedAtMs), lt(connectorVisibility.askedAtMs, askedSinceMs)),
      ),
    )
    .orderBy(asc(connector.id));
}

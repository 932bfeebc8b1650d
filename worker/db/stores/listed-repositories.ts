import { and, eq, isNull, sql, type SQL } from "drizzle-orm";
import type { ForgeRepository } from "../../ports/forge.ts";
import type { Database, Statement } from "../client.ts";
import { repository } from "../schema/index.ts";
import { recordAuditOfEach, type AuditedBy } from "./ledger.ts";

/** Rows of one `json_each` statement: keeps a parameter far below D1's 2 MB. */
const chunkSize = 1000;

/**
 * Makes the tenant's repositories of a connector those that the forge lists: new ones come in, known ones are brought up
 * to date (also those that had been removed), others are marked as removed at `nowMs`.
 */
export function replaceRepositories(
  db: Database,
  tenantId: number,
  connectorId: SQL<number> | number,
  listed: readonly ForgeRepository[],
  nowMs: number,
): Statement[] {
  const kept = listed.map((item) => item.externalId);
  return [
    removeWhere(db, tenantId, connectorId, isOtherThan(kept), nowMs),
    ...upsertRepositories(db, tenantId, connectorId, listed, { where: sql`true`, removedAtMs: sql`null` }),
  ];
}

function isOtherThan(kept: readonly string[]): SQL {
  return sql`${repository.externalId} not in (select value from json_each(${JSON.stringify(kept)}))`;
}

/** Marks the connector's repositories that fit as removed; those that were removed before keep their time. */
function removeWhere(db: Database, tenantId: number, connectorId: SQL<number> | number, fits: SQL, nowMs: number) {
  return db
    .update(repository)
    .set({ removedAtMs: nowMs })
    .where(isLiveOf(tenantId, connectorId, fits));
}

function isLiveOf(tenantId: number, connectorId: SQL<number> | number, fits: SQL) {
  return and(
    eq(repository.tenantId, tenantId),
    eq(repository.connectorId, connectorId),
    isNull(repository.removedAtMs),
    fits,
  );
}

/** The listed repositories as JSON texts, each of at most `chunkSize` rows. */
function chunksOf(listed: readonly ForgeRepository[]): readonly string[] {
  const chunks: string[] = [];
  for (let start = 0; start < listed.length; start += chunkSize)
    chunks.push(JSON.stringify(listed.slice(start, start + chunkSize)));
  return chunks;
}

/** Inserts or updates rows; `where` chooses among the listed, `removedAtMs` is what a row that was there gets. */
function upsertRepositories(
  db: Database,
  tenantId: number,
  connectorId: SQL<number> | number,
  listed: readonly ForgeRepository[],
  { removedAtMs, where }: { readonly where: SQL; readonly removedAtMs: SQL },
): Statement[] {
  return chunksOf(listed).map((rows) =>
    db
      .insert(repository)
      .select(
        sql`select null, ${tenantId}, ${connectorId}, value ->> 'externalId', value ->> 'owner', value ->> 'name',
          value ->> 'defaultBranch', value ->> 'description', value ->> 'isPrivate', value ->> 'primaryLanguage', null
          from json_each(${rows}) where ${where}`,
      )
      .onConflictDoUpdate({
        target: [repository.tenantId, repository.externalId],
        set: {
          connectorId: sql`excluded.connector_id`,
          owner: sql`excluded.owner`,
          name: sql`excluded.name`,
          defaultBranch: sql`excluded.default_branch`,
          description: sql`excluded.description`,
          isPrivate: sql`excluded.is_private`,
          primaryLanguage: sql`excluded.primary_language`,
          removedAtMs,
        },
      }),
  );
}

/**
 * Brings rows that the tenant has already up to date with what the forge says of them, none is added. One that came over from another
 * connector is live again under this one. With `removesOthers` the connector's other rows are marked as removed. Each row that changes has its
 * audit entry.
 */
export function refreshRepositories(
  db: Database,
  by: AuditedBy,
  connectorId: number,
  listed: readonly ForgeRepository[],
  { removesOthers = false }: { readonly removesOthers?: boolean } = {},
): Statement[] {
  const { tenantId } = by.scope;
  const known = sql`value ->> 'externalId' in (select ${repository.externalId} from ${repository} where ${repository.tenantId} = ${tenantId})`;
  const live = sql`case when ${repository.connectorId} = excluded.connector_id then ${repository.removedAtMs} else null end`;
  const kept = listed.map((item) => item.externalId);
  return [
    ...(removesOthers ? removeRepositories(db, by, connectorId, isOtherThan(kept)) : []),
    ...auditRefreshed(db, by, connectorId, listed),
    ...upsertRepositories(db, tenantId, connectorId, listed, { where: known, removedAtMs: live }),
  ];
}

/** The audit entries of the rows that differ from what the forge says. */
function auditRefreshed(
  db: Database,
  by: AuditedBy,
  connectorId: number,
  listed: readonly ForgeRepository[],
): Statement[] {
  const differs = sql.join(
    [
      sql`${repository.connectorId} <> ${connectorId}`,
      sql`${repository.owner} <> value ->> 'owner'`,
      sql`${repository.name} <> value ->> 'name'`,
      sql`${repository.defaultBranch} <> value ->> 'defaultBranch'`,
      sql`${repository.description} is not value ->> 'description'`,
      sql`${repository.isPrivate} <> value ->> 'isPrivate'`,
      sql`${repository.primaryLanguage} is not value ->> 'primaryLanguage'`,
    ],
    sql` or `,
  );
  const data = sql`json_object('owner', value ->> 'owner', 'name', value ->> 'name', 'before', ${repository.owner} || '/' || ${repository.name})`;
  const entry = { action: "repository.refreshed", subject: sql`'repository:' || ${repository.id}`, data };
  return chunksOf(listed).map((rows) =>
    recordAuditOfEach(
      db,
      by,
      entry,
      sql`from json_each(${rows}) join ${repository} on ${repository.tenantId} = ${by.scope.tenantId}
        and ${repository.externalId} = value ->> 'externalId' where ${differs}`,
    ),
  );
}

/** Marks one repository of a connector as removed, with its audit entry. */
export function removeRepository(db: Database, by: AuditedBy, connectorId: number, externalId: string): Statement[] {
  return removeRepositories(db, by, connectorId, eq(repository.externalId, externalId));
}

function removeRepositories(db: Database, by: AuditedBy, connectorId: number, fits: SQL): Statement[] {
  const { tenantId } = by.scope;
  const data = sql`json_object('owner', ${repository.owner}, 'name', ${repository.name})`;
  const entry = { action: "repository.removed", subject: sql`'repository:' || ${repository.id}`, data };
  const from = sql`from ${repository} where ${isLiveOf(tenantId, connectorId, fits)}`;
  return [recordAuditOfEach(db, by, entry, from), removeWhere(db, tenantId, connectorId, fits, by.atMs)];
}

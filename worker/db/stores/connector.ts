import { and, asc, count, eq, gt, inArray, isNull, sql, type SQL } from "drizzle-orm";
import type { ForgeRepository } from "../../ports/forge.ts";
import type { Database, Statement } from "../client.ts";
import { connector, connectorVisibility, repository } from "../schema/index.ts";
import { seenBy, type Viewer } from "./visibility.ts";

/** Rows of one `json_each` statement: keeps a parameter far below D1's 2 MB. */
const chunkSize = 1000;

const repositoryCount = count(repository.id);

function selectConnectors(db: Database, viewer: Viewer) {
  const answer = and(
    eq(connectorVisibility.connectorId, connector.id),
    eq(connectorVisibility.userId, viewer?.userId ?? 0),
  );
  return db
    .select({
      id: connector.id,
      kind: connector.kind,
      installationId: connector.installationId,
      accountLogin: connector.accountLogin,
      createdAtMs: connector.createdAtMs,
      repositoryCount,
      seenCount: sql<number>`count(case when ${repository.id} is not null and ${seenBy(viewer)} then 1 end)`,
      answeredAtMs: connectorVisibility.answeredAtMs,
      reachesInstallation: connectorVisibility.reachesInstallation,
      problem: connectorVisibility.problem,
    })
    .from(connector)
    .leftJoin(repository, and(eq(repository.connectorId, connector.id), isNull(repository.removedAtMs)))
    .leftJoin(connectorVisibility, answer)
    .groupBy(connector.id)
    .$dynamic();
}

/** The tenant's live connectors after the id `after`, at most `limit`. */
export function listConnectors(db: Database, tenantId: number, viewer: Viewer, after: number, limit: number) {
  return selectConnectors(db, viewer)
    .where(and(eq(connector.tenantId, tenantId), gt(connector.id, after), isNull(connector.revokedAtMs)))
    .orderBy(asc(connector.id))
    .limit(limit);
}

/** One live connector of the tenant. */
export async function findConnector(db: Database, tenantId: number, viewer: Viewer, id: number) {
  const rows = await selectConnectors(db, viewer)
    .where(and(eq(connector.tenantId, tenantId), eq(connector.id, id), isNull(connector.revokedAtMs)))
    .limit(1);
  return rows[0];
}

/** The live connector of an installation, whichever tenant has it: an installation is connected once in a deployment. */
export async function findInstallation(db: Database, installationId: string) {
  const rows = await db
    .select({ id: connector.id, tenantId: connector.tenantId })
    .from(connector)
    .where(
      and(eq(connector.kind, "github"), eq(connector.installationId, installationId), isNull(connector.revokedAtMs)),
    )
    .limit(1);
  return rows[0];
}

/** Makes a connector; the batch fails with a unique violation when its installation has a live one. */
export function insertConnector(
  db: Database,
  tenantId: number,
  row: { readonly installationId: string; readonly accountLogin: string; readonly createdAtMs: number },
): Statement {
  return db.insert(connector).values({ tenantId, kind: "github", ...row });
}

/** Expression for the id of the tenant's live connector of an installation, for statements of the batch that makes it. */
export function connectorIdOf(tenantId: number, installationId: string): SQL<number> {
  return sql<number>`(select ${connector.id} from ${connector} where ${connector.tenantId} = ${tenantId}
    and ${connector.kind} = 'github' and ${connector.installationId} = ${installationId} and ${connector.revokedAtMs} is null)`;
}

/** Marks a connector and its repositories as removed. */
export function revokeConnector(db: Database, tenantId: number, id: number, nowMs: number): [Statement, Statement] {
  return [
    db
      .update(repository)
      .set({ removedAtMs: nowMs })
      .where(and(eq(repository.tenantId, tenantId), eq(repository.connectorId, id), isNull(repository.removedAtMs))),
    db
      .update(connector)
      .set({ revokedAtMs: nowMs })
      .where(and(eq(connector.tenantId, tenantId), eq(connector.id, id), isNull(connector.revokedAtMs))),
  ];
}

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
    removeOthers(db, tenantId, connectorId, kept, nowMs),
    ...upsertRepositories(db, tenantId, connectorId, listed, { where: sql`true`, removedAtMs: sql`null` }),
  ];
}

function removeOthers(
  db: Database,
  tenantId: number,
  connectorId: SQL<number> | number,
  kept: readonly string[],
  nowMs: number,
): Statement {
  const isOther = sql`${repository.externalId} not in (select value from json_each(${JSON.stringify(kept)}))`;
  return removeWhere(db, tenantId, connectorId, isOther, nowMs);
}

/** Marks the connector's repositories that fit as removed; those that were removed before keep their time. */
function removeWhere(db: Database, tenantId: number, connectorId: SQL<number> | number, fits: SQL, nowMs: number) {
  return db
    .update(repository)
    .set({ removedAtMs: nowMs })
    .where(
      and(
        eq(repository.tenantId, tenantId),
        eq(repository.connectorId, connectorId),
        isNull(repository.removedAtMs),
        fits,
      ),
    );
}

/** Inserts or updates rows; `where` chooses among the listed, `removedAtMs` is what a row that was there gets. */
function upsertRepositories(
  db: Database,
  tenantId: number,
  connectorId: SQL<number> | number,
  listed: readonly ForgeRepository[],
  { removedAtMs, where }: { readonly where: SQL; readonly removedAtMs: SQL },
): Statement[] {
  const statements: Statement[] = [];
  for (let start = 0; start < listed.length; start += chunkSize) {
    const rows = JSON.stringify(listed.slice(start, start + chunkSize));
    statements.push(
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
  return statements;
}

/**
 * Brings rows that the tenant has already up to date with what the forge says of them, none is added. One that came over from another
 * connector is live again under this one. With `goneAtMs` (UTC milliseconds) the connector's other rows are marked as removed.
 */
export function refreshRepositories(
  db: Database,
  tenantId: number,
  connectorId: number,
  listed: readonly ForgeRepository[],
  { goneAtMs }: { readonly goneAtMs?: number } = {},
): Statement[] {
  const known = sql`value ->> 'externalId' in (select ${repository.externalId} from ${repository} where ${repository.tenantId} = ${tenantId})`;
  const live = sql`case when ${repository.connectorId} = excluded.connector_id then ${repository.removedAtMs} else null end`;
  const kept = listed.map((item) => item.externalId);
  return [
    ...(goneAtMs === undefined ? [] : [removeOthers(db, tenantId, connectorId, kept, goneAtMs)]),
    ...upsertRepositories(db, tenantId, connectorId, listed, { where: known, removedAtMs: live }),
  ];
}

/** Marks one repository of a connector as removed. */
export async function markRepositoryRemoved(
  db: Database,
  tenantId: number,
  connectorId: number,
  externalId: string,
  nowMs: number,
): Promise<void> {
  await removeWhere(db, tenantId, connectorId, eq(repository.externalId, externalId), nowMs);
}

/** Where a repository of the tenant is at the forge, also when it was removed; undefined when there is no such row. */
export async function findRepositoryPlace(db: Database, tenantId: number, id: number) {
  const rows = await db
    .select({
      externalId: repository.externalId,
      installationId: connector.installationId,
      owner: repository.owner,
      name: repository.name,
      removedAtMs: repository.removedAtMs,
    })
    .from(repository)
    .innerJoin(connector, eq(connector.id, repository.connectorId))
    .where(and(eq(repository.tenantId, tenantId), eq(repository.id, id)))
    .limit(1);
  return rows[0];
}

/** Columns of a repository as the API shows it. */
export const repositoryColumns = {
  id: repository.id,
  owner: repository.owner,
  name: repository.name,
  defaultBranch: repository.defaultBranch,
  description: repository.description,
  isPrivate: repository.isPrivate,
  primaryLanguage: repository.primaryLanguage,
};

/** The tenant's repositories that the viewer sees after the id `after`, at most `limit`. */
export function listRepositories(db: Database, tenantId: number, viewer: Viewer, after: number, limit: number) {
  return db
    .select(repositoryColumns)
    .from(repository)
    .where(
      and(eq(repository.tenantId, tenantId), gt(repository.id, after), isNull(repository.removedAtMs), seenBy(viewer)),
    )
    .orderBy(asc(repository.id))
    .limit(limit);
}

/** Which of these ids are repositories of the tenant that the viewer sees. */
export async function knownRepositoryIds(
  db: Database,
  tenantId: number,
  viewer: Viewer,
  ids: readonly number[],
): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .select({ id: repository.id })
    .from(repository)
    .where(
      and(
        eq(repository.tenantId, tenantId),
        inArray(repository.id, [...ids]),
        isNull(repository.removedAtMs),
        seenBy(viewer),
      ),
    );
  return new Set(rows.map((row) => row.id));
}

/** True when the tenant has the repository, it was not removed, and the viewer sees it. */
export async function repositoryExists(db: Database, tenantId: number, viewer: Viewer, id: number): Promise<boolean> {
  return (await knownRepositoryIds(db, tenantId, viewer, [id])).has(id);
}

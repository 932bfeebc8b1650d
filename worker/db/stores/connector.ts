import { and, asc, count, eq, gt, inArray, isNull, sql, type SQL } from "drizzle-orm";
import type { Database, Statement } from "../client.ts";
import { connector, connectorVisibility, repository } from "../schema/index.ts";
import { seenBy, type Viewer } from "./visibility.ts";

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

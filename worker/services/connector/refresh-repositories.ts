import { sql } from "drizzle-orm";
import { systemScope, type ServiceDeps } from "../../context.ts";
import type { Database, Statement } from "../../db/client.ts";
import { findInstallation, revokeConnector } from "../../db/stores/connector.ts";
import { recordAudit, type AuditedBy } from "../../db/stores/ledger.ts";
import { refreshRepositories, removeRepository } from "../../db/stores/listed-repositories.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgeRepository } from "../../ports/forge.ts";

type RefreshDeps = Pick<ServiceDeps, "db" | "forge" | "now">;

/**
 * Looks at one repository at the forge and brings its row up to date: its name, its owner, whether it is reached at all. Only a repository
 * that the tenant knows is touched. An event may be old, so what the forge says now counts. Throws PortError (forge).
 *
 * @param requestId the id of the event's delivery, for the audit entry
 */
export async function refreshRepository(
  { db, forge, now }: RefreshDeps,
  { externalId, installationId }: { readonly externalId: string; readonly installationId: string },
  requestId: string,
): Promise<void> {
  const connector = await findInstallation(db, installationId);
  if (connector === undefined) return;
  const by = systemEntry(connector.tenantId, requestId, now());
  let found: ForgeRepository;
  try {
    found = await forge.getRepository({ installationId, externalId, owner: "", name: "" });
  } catch (error) {
    if (!isGone(error)) throw error;
    return commit(db, removeRepository(db, by, connector.id, externalId));
  }
  await commit(db, refreshRepositories(db, by, connector.id, [found]));
}

/**
 * Brings the known repositories of an installation up to date after its reach changed: those that it no longer reaches are removed, and all of
 * them with their connector when the App was uninstalled. New ones come with a person's sync. Throws PortError (forge).
 *
 * @param requestId the id of the event's delivery, for the audit entry
 */
export async function refreshInstallation(
  { db, forge, now }: RefreshDeps,
  installationId: string,
  requestId: string,
): Promise<void> {
  const connector = await findInstallation(db, installationId);
  if (connector === undefined) return;
  const { id, tenantId } = connector;
  const by = systemEntry(tenantId, requestId, now());
  try {
    const listed = await forge.listInstallationRepositories(installationId);
    await commit(db, refreshRepositories(db, by, id, listed, { removesOthers: true }));
  } catch (error) {
    // A suspended one keeps its rows: the forge refuses by itself until it is let in again.
    if (error instanceof PortError && error.code === "installation_suspended") return;
    if (!isGone(error)) throw error;
    const entry = { action: "connector.revoked", subject: `connector:${id}`, data: { installationId } };
    await db.batch([...revokeConnector(db, tenantId, id, by.atMs), recordAudit(db, by, entry, sql`changes() = 1`)]);
  }
}

function systemEntry(tenantId: number, requestId: string, atMs: number): AuditedBy {
  return { scope: systemScope(tenantId, "webhooks", requestId), atMs };
}

async function commit(db: Database, [first, ...rest]: readonly Statement[]): Promise<void> {
  if (first !== undefined) await db.batch([first, ...rest]);
}

function isGone(error: unknown): boolean {
  return error instanceof PortError && ["repository_gone", "installation_gone"].includes(error.code);
}

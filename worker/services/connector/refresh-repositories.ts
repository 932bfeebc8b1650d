import type { ServiceDeps } from "../../context.ts";
import type { Database, Statement } from "../../db/client.ts";
import {
  findInstallation,
  markRepositoryRemoved,
  refreshRepositories,
  revokeConnector,
} from "../../db/stores/connector.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgeRepository } from "../../ports/forge.ts";

type RefreshDeps = Pick<ServiceDeps, "db" | "forge" | "now">;

/**
 * Looks at one repository at the forge and brings its row up to date: its name, its owner, whether it is reached at all. Only a repository
 * that the tenant knows is touched. An event may be old, so what the forge says now counts. Throws PortError (forge).
 */
export async function refreshRepository(
  { db, forge, now }: RefreshDeps,
  { externalId, installationId }: { readonly externalId: string; readonly installationId: string },
): Promise<void> {
  const connector = await findInstallation(db, installationId);
  if (connector === undefined) return;
  let found: ForgeRepository;
  try {
    found = await forge.getRepository({ installationId, externalId, owner: "", name: "" });
  } catch (error) {
    if (!isGone(error)) throw error;
    await markRepositoryRemoved(db, connector.tenantId, connector.id, externalId, now());
    return;
  }
  await commit(db, refreshRepositories(db, connector.tenantId, connector.id, [found]));
}

/**
 * Brings the known repositories of an installation up to date after its reach changed: those that it no longer reaches are removed, and all of
 * them with their connector when the App was uninstalled. New ones come with a person's sync. Throws PortError (forge).
 */
export async function refreshInstallation({ db, forge, now }: RefreshDeps, installationId: string): Promise<void> {
  const connector = await findInstallation(db, installationId);
  if (connector === undefined) return;
  const { id, tenantId } = connector;
  try {
    const listed = await forge.listInstallationRepositories(installationId);
    await commit(db, refreshRepositories(db, tenantId, id, listed, { goneAtMs: now() }));
  } catch (error) {
    // A suspended one keeps its rows: the forge refuses by itself until it is let in again.
    if (error instanceof PortError && error.code === "installation_suspended") return;
    if (!isGone(error)) throw error;
    const scope = { tenantId, actor: { kind: "system", name: "webhooks" }, requestId: "" } as const;
    const entry = { action: "connector.revoked", subject: `connector:${id}`, data: { installationId } };
    await db.batch([...revokeConnector(db, tenantId, id, now()), recordAudit(db, { scope, atMs: now() }, entry)]);
  }
}

async function commit(db: Database, [first, ...rest]: readonly Statement[]): Promise<void> {
  if (first !== undefined) await db.batch([first, ...rest]);
}

function isGone(error: unknown): boolean {
  return error instanceof PortError && ["repository_gone", "installation_gone"].includes(error.code);
}

import type { Connect, Connector } from "../../../contracts/connector.ts";
import { requirePermission, type PersonScope, type ServiceDeps } from "../../context.ts";
import { isUniqueViolation } from "../../db/client.ts";
import { connectorIdOf, findInstallation, insertConnector } from "../../db/stores/connector.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { replaceRepositories } from "../../db/stores/listed-repositories.ts";
import { replaceVisibility } from "../../db/stores/visibility.ts";
import { ServiceError } from "../../errors.ts";
import type { IdentityInstallation } from "../../ports/identity.ts";
import { sql } from "drizzle-orm";
import { readConnector } from "./list-connectors.ts";
import { syncConnector } from "./sync-connector.ts";
import { asPerson, readInstallation } from "./read-installation.ts";

/** The installation, if the asking person can see it at the forge: an installation's number alone proves nothing. */
async function requireVisible(
  deps: ServiceDeps,
  scope: PersonScope,
  installationId: string,
): Promise<IdentityInstallation> {
  const visible = await asPerson(async () => deps.identity.listInstallations(scope.userId));
  const installation = visible.find((candidate) => candidate.installationId === installationId);
  if (installation === undefined) {
    throw new ServiceError(
      "forbidden",
      "Your GitHub account can't see this installation. Install the app first, or ask who did.",
    );
  }
  return installation;
}

/**
 * Connects an installation to the tenant and imports its repositories, of which each person gets those that they see at the forge.
 * `connector.manage`, and only an installation that the person's own GitHub account can see. Again for the same tenant: its repositories are
 * read anew. `conflict` when another tenant has it.
 */
export async function connect(deps: ServiceDeps, scope: PersonScope, input: Connect): Promise<Connector> {
  requirePermission(scope, "connector.manage");
  const { db } = deps;
  const { tenantId } = scope;
  const { installationId, accountLogin } = await requireVisible(deps, scope, input.installationId);
  const taken = new ServiceError("conflict", "Another tenant of this deployment is connected to this installation.");
  const existing = await findInstallation(db, installationId);
  if (existing !== undefined) {
    if (existing.tenantId !== tenantId) throw taken;
    return syncConnector(deps, scope, existing.id);
  }
  const { listed, visibility } = await readInstallation(deps, scope, installationId);
  const nowMs = deps.now();
  const id = connectorIdOf(tenantId, installationId);
  const entry = {
    action: "connector.created",
    subject: sql`'connector:' || ${id}`,
    data: { installationId, accountLogin, repositories: listed.length, seen: visibility.externalIds.size },
  };
  try {
    await db.batch([
      insertConnector(db, tenantId, { installationId, accountLogin, createdAtMs: nowMs }),
      ...replaceRepositories(db, tenantId, id, listed, nowMs),
      ...replaceVisibility(db, scope.userId, id, visibility, nowMs),
      recordAudit(db, { scope, atMs: nowMs }, entry),
    ]);
  } catch (error) {
    if (!isUniqueViolation(error, "connector.kind")) throw error;
  }
  const made = await findInstallation(db, installationId);
  if (made?.tenantId !== tenantId) throw taken;
  return readConnector(deps, scope, made.id);
}

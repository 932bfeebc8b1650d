import type { Connector } from "../../../contracts/connector.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { findConnector, listConnectors as listRows } from "../../db/stores/connector.ts";
import type { Viewer } from "../../db/stores/visibility.ts";
import { ServiceError } from "../../errors.ts";
import { pageSize, parseCursor, toPage, type Page } from "../page.ts";
import { readSeen, refreshVisibility, visibilityView, viewerOf } from "./visibility.ts";

/** One page of the tenant's live connectors, each with what the scope's person sees of it. `connector.read`. */
export async function listConnectors(
  deps: ServiceDeps,
  scope: Scope,
  cursor: string | undefined,
): Promise<Page<Connector>> {
  requirePermission(scope, "connector.read");
  const after = parseCursor(cursor);
  return readSeen(deps, scope, async (viewer) => {
    const rows = await listRows(deps.db, scope.tenantId, viewer, after, pageSize + 1);
    return toPage(rows.map((row) => connectorView(viewer, row)));
  });
}

/** Asks the forge anew which repositories the scope's person sees, for every connector, and answers like the list. `repository.read`. */
export async function refreshConnectors(deps: ServiceDeps, scope: Scope): Promise<Page<Connector>> {
  requirePermission(scope, "repository.read");
  await refreshVisibility(deps, scope, "now");
  return listConnectors(deps, scope, undefined);
}

/** One live connector of the tenant, or `not_found`; for verbs that have checked the actor's permission. */
export async function readConnector(
  deps: Pick<ServiceDeps, "db" | "now">,
  scope: Pick<Scope, "actor" | "tenantId">,
  id: number,
): Promise<Connector> {
  const viewer = viewerOf(deps, scope);
  const row = await findConnector(deps.db, scope.tenantId, viewer, id);
  if (row === undefined) throw new ServiceError("not_found", "There is no such connector.");
  return connectorView(viewer, row);
}

type ConnectorRow = NonNullable<Awaited<ReturnType<typeof findConnector>>>;

function connectorView(viewer: Viewer, row: ConnectorRow): Connector {
  const { answeredAtMs, id, problem, reachesInstallation, seenCount, ...rest } = row;
  return {
    ...rest,
    id: String(id),
    visibility: visibilityView(viewer, { answeredAtMs, problem, reachesInstallation, seenCount }),
  };
}

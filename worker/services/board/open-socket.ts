import { requirePermission, type PersonScope, type ServiceDeps } from "../../context.ts";
import { noteBoardSocket } from "../../db/stores/open-socket.ts";
import { projectExists } from "../../db/stores/project.ts";
import { selectSession, sessionOf } from "../../db/stores/session.ts";
import { ServiceError } from "../../errors.ts";
import type { IdentitySession } from "../../ports/identity.ts";

/** Reads the session of a token, and records the socket on the project's board, so that signing out closes it. One batch. */
export async function readBoardSocketOfSession(
  { db, now }: ServiceDeps,
  token: string,
  projectId: number,
): Promise<IdentitySession | undefined> {
  const nowMs = now();
  const [session] = await db.batch([selectSession(db, token, nowMs), noteBoardSocket(db, token, projectId, nowMs)]);
  return sessionOf(session);
}

/** Opens the socket of a project's board from change `since` on. `ticket.read`; `not_found` without the project. */
export async function openBoardSocket(
  deps: ServiceDeps,
  scope: PersonScope,
  projectId: number,
  opening: { readonly request: Request; readonly since: number; readonly expiresAtMs: number },
): Promise<Response> {
  requirePermission(scope, "ticket.read");
  const { expiresAtMs, request, since } = opening;
  if (!(await projectExists(deps.db, scope.tenantId, projectId)))
    throw new ServiceError("not_found", "There is no such project.");
  const { avatarUrl, id, name } = scope.actor;
  return deps.boards.socket({ tenantId: scope.tenantId, projectId }, request, {
    since,
    expiresAtMs,
    sessionKey: String(scope.sessionId),
    person: { id, name, avatarUrl },
  });
}

import type { Scope, ServiceDeps } from "../../context.ts";
import { findTicketProject } from "../../db/stores/board.ts";
import { repositoryExists } from "../../db/stores/connector.ts";
import { isMember } from "../../db/stores/tenancy.ts";
import { ServiceError } from "../../errors.ts";
import type { BoardCommand, BoardResult } from "../../ports/board-host.ts";
import type { Caller } from "../../ports/run-host.ts";
import { readSeen } from "../connector/visibility.ts";

/** The scope's actor as the caller of a board. */
export function boardCaller(scope: Scope): Caller {
  const sessionId = "sessionId" in scope && typeof scope.sessionId === "number" ? scope.sessionId : null;
  return { actor: scope.actor, sessionId, requestId: scope.requestId };
}

/** Does one write of a project's board. Throws ServiceError with the refusal's code and sentence. */
export async function writeBoard(
  deps: Pick<ServiceDeps, "boards">,
  scope: Scope,
  projectId: number,
  command: BoardCommand,
): Promise<Extract<BoardResult, { readonly ok: true }>> {
  const place = { tenantId: scope.tenantId, projectId };
  const result = await deps.boards.write(place, boardCaller(scope), command);
  if (!result.ok)
    throw new ServiceError(result.code, result.detail, result.issue === undefined ? {} : { issues: [result.issue] });
  return result;
}

/** The project of a ticket of the scope's tenant. Throws `not_found` without the ticket. */
export async function requireTicketProject(
  deps: Pick<ServiceDeps, "db">,
  scope: Pick<Scope, "tenantId">,
  ticketId: number,
): Promise<number> {
  const projectId = await findTicketProject(deps.db, scope.tenantId, ticketId);
  if (projectId === undefined) throw new ServiceError("not_found", "There is no such ticket.");
  return projectId;
}

/**
 * Throws `unknown_repository` when the tenant does not have the repository or the person does not see it, and `invalid_request` for an
 * assignee who is no member.
 */
export async function requireTicketFields(
  deps: ServiceDeps,
  scope: Scope,
  { assigneeId, repositoryId }: { readonly assigneeId: string | null; readonly repositoryId: string | null },
): Promise<void> {
  const { db } = deps;
  const { tenantId } = scope;
  const sees = async (id: number): Promise<boolean> =>
    readSeen(deps, scope, async (viewer) => repositoryExists(db, tenantId, viewer, id));
  if (repositoryId !== null && !(await sees(Number(repositoryId)))) {
    throw new ServiceError("unknown_repository", `There is no repository ${repositoryId}.`, {
      issues: [{ path: "repositoryId", message: "is not a repository of this tenant" }],
    });
  }
  if (assigneeId === null || (await isMember(db, tenantId, Number(assigneeId)))) return;
  throw new ServiceError("invalid_request", "assigneeId: is not a member of this tenant", {
    issues: [{ path: "assigneeId", message: "is not a member of this tenant" }],
  });
}

import { sql } from "drizzle-orm";
import type { CreateTicket, Ticket } from "../../../contracts/project.ts";
import { requirePermission, responsibleUserId, type Scope, type ServiceDeps } from "../../context.ts";
import { insertTicket, takeTicketNumber, ticketExists } from "../../db/stores/board.ts";
import { repositoryExists } from "../../db/stores/connector.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { projectExists } from "../../db/stores/project.ts";
import { isMember } from "../../db/stores/tenancy.ts";
import { ServiceError, type Issue } from "../../errors.ts";
import { readSeen } from "../connector/visibility.ts";
import { readTicket } from "./get-ticket.ts";

async function findIssues(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  input: CreateTicket,
): Promise<readonly Issue[]> {
  const { db } = deps;
  const { tenantId } = scope;
  const { assigneeId, parentId } = input;
  const [assigneeKnown, parentKnown] = await Promise.all([
    assigneeId === undefined || isMember(db, tenantId, Number(assigneeId)),
    parentId === undefined || ticketExists(db, tenantId, projectId, Number(parentId)),
  ]);
  return [
    ...(assigneeKnown ? [] : [{ path: "assigneeId", message: "is not a member of this tenant" }]),
    ...(parentKnown ? [] : [{ path: "parentId", message: "is not a ticket of this project" }]),
  ];
}

/**
 * Makes a ticket at the end of its column. `ticket.create`. `not_found` without the project, `unknown_repository` when
 * the tenant does not have its repository or the person does not see it, `invalid_request` for an assignee or a parent from elsewhere.
 */
export async function createTicket(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  input: CreateTicket,
): Promise<Ticket> {
  requirePermission(scope, "ticket.create");
  const { db } = deps;
  const { tenantId } = scope;
  if (!(await projectExists(db, tenantId, projectId))) throw new ServiceError("not_found", "There is no such project.");
  const { assigneeId, parentId, repositoryId, ...fields } = input;
  const sees = async (id: number): Promise<boolean> =>
    readSeen(deps, scope, async (viewer) => repositoryExists(db, tenantId, viewer, id));
  if (repositoryId !== undefined && !(await sees(Number(repositoryId)))) {
    throw new ServiceError("unknown_repository", `There is no repository ${repositoryId}.`, {
      issues: [{ path: "repositoryId", message: "is not a repository of this tenant" }],
    });
  }
  const issues = await findIssues(deps, scope, projectId, input);
  if (issues.length > 0) {
    throw new ServiceError("invalid_request", issues.map((issue) => `${issue.path}: ${issue.message}`).join("; "), {
      issues,
    });
  }
  const atMs = deps.now();
  const optionalId = (id: string | undefined): number | null => (id === undefined ? null : Number(id));
  const row = {
    ...fields,
    title: input.title.trim(),
    projectId,
    assigneeId: optionalId(assigneeId),
    parentId: optionalId(parentId),
    repositoryId: optionalId(repositoryId),
    createdBy: responsibleUserId(scope.actor),
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
  const [, [made]] = await db.batch([
    takeTicketNumber(db, tenantId, projectId),
    insertTicket(db, tenantId, row),
    recordAudit(
      db,
      { scope, atMs },
      {
        action: "ticket.created",
        subject: sql`'ticket:' || last_insert_rowid()`,
        data: { projectId: String(projectId), title: row.title },
      },
    ),
  ]);
  if (made === undefined) throw new Error("the insert of a ticket returned no row");
  return readTicket(deps, scope, made.id);
}

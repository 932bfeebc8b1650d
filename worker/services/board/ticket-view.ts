import type { Ticket } from "../../../contracts/project.ts";
import { parseDependencies } from "../../db/stores/board-read.ts";
import type { TicketRow } from "../../db/stores/board.ts";

/** A ticket as the API shows it. */
export function ticketView(row: TicketRow): Ticket {
  const { ticket, assignee, repository, run } = row;
  return {
    id: String(ticket.id),
    projectId: String(ticket.projectId),
    key: `${row.projectKey}-${ticket.number}`,
    type: ticket.type,
    title: ticket.title,
    description: ticket.description,
    acceptanceCriteria: ticket.acceptanceCriteria,
    column: ticket.column,
    priority: ticket.priority,
    labels: [...ticket.labels],
    assignee: assignee === null ? null : { id: String(assignee.id), name: assignee.name, avatarUrl: assignee.image },
    repository: repository === null ? null : { ...repository, id: String(repository.id) },
    run: run === null ? null : { ...run, id: String(run.id) },
    parentId: ticket.parentId === null ? null : String(ticket.parentId),
    dependsOn: parseDependencies(row.dependsOn),
    commentCount: row.commentCount,
    rank: ticket.rank,
    version: ticket.version,
    createdAtMs: ticket.createdAtMs,
    updatedAtMs: ticket.updatedAtMs,
  };
}

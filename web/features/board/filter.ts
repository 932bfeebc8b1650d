import type { Ticket } from "../../../contracts/project.ts";

/** True when every word of the filter is in the ticket's key, title, labels, repository, type or assignee. An empty filter matches all. */
export function matches(ticket: Ticket, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const repository = ticket.repository === null ? "" : `${ticket.repository.owner}/${ticket.repository.name}`;
  const haystack = [
    ticket.key,
    ticket.title,
    ticket.type,
    ticket.priority,
    repository,
    ticket.assignee?.name ?? "",
    ...ticket.labels,
  ]
    .join(" ")
    .toLowerCase();
  return words.every((word) => haystack.includes(word));
}

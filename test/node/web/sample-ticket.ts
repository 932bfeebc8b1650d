import type { Ticket } from "../../../contracts/project.ts";

/** A ticket of the project LIME whose number is its id. */
export function sampleTicket(id: string, fields: Partial<Ticket> = {}): Ticket {
  return {
    ...{ id, projectId: "1", key: `LIME-${id}`, type: "task", title: `Ticket ${id}`, description: "" },
    ...{ acceptanceCriteria: "", column: "todo", priority: "none", labels: [], assignee: null, repository: null },
    ...{ run: null, parentId: null, dependsOn: [], commentCount: 0, rank: id, version: 1 },
    ...{ createdAtMs: 0, updatedAtMs: 0 },
    ...fields,
  };
}

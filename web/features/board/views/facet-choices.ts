import type { Ticket } from "../../../../contracts/project.ts";
import type { Choice } from "../../../components/ui/menu.tsx";
import { me, none, type Facet } from "../filter.ts";
import { priorityLabels, typeLabels } from "../../../components/ticket-icons.tsx";
import type { ColumnInfo } from "./columns-info.ts";

export const facetLabels: Record<Facet, string> = {
  assignee: "Assignee",
  type: "Type",
  priority: "Priority",
  label: "Label",
  repository: "Repository",
  epic: "Epic or parent",
  run: "Run",
  column: "Column",
  ready: "Readiness",
};

/** The facts that a board's filters can be chosen from. */
export interface Choosable {
  readonly tickets: readonly Ticket[];
  readonly columns: readonly ColumnInfo[];
}

const fixed = (labels: Readonly<Record<string, string>>): readonly Choice[] =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));
const byLabel = (a: Choice, b: Choice) => a.label.localeCompare(b.label);

/** The values of a facet that can be chosen: fixed ones, and those that the board's tickets have. */
export function choicesOf(facet: Facet, { columns, tickets }: Choosable): readonly Choice[] {
  switch (facet) {
    case "assignee": {
      const people = new Map(
        tickets.flatMap(({ assignee }) => (assignee === null ? [] : [[assignee.id, assignee.name]])),
      );
      return [
        { value: me, label: "Me" },
        { value: none, label: "Nobody" },
        ...[...people].map(([value, label]) => ({ value, label })).toSorted(byLabel),
      ];
    }
    case "type":
      return fixed(typeLabels);
    case "priority":
      return fixed(priorityLabels);
    case "label":
      return [...new Set(tickets.flatMap(({ labels }) => labels))]
        .map((label) => ({ value: label, label }))
        .toSorted(byLabel);
    case "repository": {
      const all = new Map(
        tickets.flatMap(({ repository: of }) => (of === null ? [] : [[of.id, `${of.owner}/${of.name}`]])),
      );
      return [
        { value: none, label: "No repository" },
        ...[...all].map(([value, label]) => ({ value, label })).toSorted(byLabel),
      ];
    }
    case "epic": {
      const parents = new Set(tickets.map(({ parentId }) => parentId));
      return [
        { value: none, label: "No parent" },
        ...tickets
          .filter(({ id, type }) => type === "epic" || parents.has(id))
          .map(({ id, key, title }) => ({ value: id, label: `${key} ${title}` })),
      ];
    }
    case "run":
      return fixed({
        any: "A run is on",
        working: "An agent is at work",
        waiting: "A run waits for a person",
        ended: "The last run has ended",
        none: "No run yet",
      });
    case "column":
      return columns.map(({ id, name }) => ({ value: id, label: name }));
    case "ready":
      return fixed({ ready: "Ready to start", blocked: "Blocked by another ticket", done: "Done" });
  }
}

/** The words of a facet's values on its chip; a value that the board no longer has is shown as it is. */
export function chipWords(facet: Facet, values: readonly string[], choosable: Choosable): string {
  const choices = choicesOf(facet, choosable);
  const words = values.map((value) => choices.find((choice) => choice.value === value)?.label ?? `#${value}`);
  return `${facetLabels[facet]}: ${words.join(", ")}`;
}

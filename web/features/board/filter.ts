import { boardFacets } from "../../../contracts/board-view-names.ts";
import type { Ticket } from "../../../contracts/project.ts";
import { isFinal } from "../../lib/vocabulary.ts";
import { stateTone } from "../../lib/words.ts";

/** The facets of a board's filter. Tickets pass a facet with one of its values, and the filter when they pass every facet that has values. */
export const facets = boardFacets;
export type Facet = (typeof facets)[number];

/** Which tickets are shown: words of the text, and values of each facet. */
export interface BoardFilter {
  readonly text: string;
  readonly facets: Readonly<Partial<Record<Facet, readonly string[]>>>;
}

/** The facts beside a ticket that a filter asks for. */
export interface FilterContext {
  /** The id of the person who looks. */
  readonly me: string;
  /** Tickets whose longer texts the server has found the filter's text in. */
  readonly textHits: ReadonlySet<string>;
  readonly ticketOf: (id: string) => Ticket | undefined;
  /** Whether a ticket can start, waits for another, or is done. */
  readonly readinessOf: (ticket: Ticket) => "ready" | "blocked" | "done";
}

/** Values that stand for something else than an id: the person who looks, and nothing at all. */
export const me = "me";
export const none = "none";
export const noFilter: BoardFilter = { text: "", facets: {} };

/** Whether a filter leaves every ticket. */
export function isEmpty({ facets: chosen, text }: BoardFilter): boolean {
  return text.trim() === "" && facets.every((facet) => (chosen[facet] ?? []).length === 0);
}

/** Whether a ticket passes a filter: the one rule for columns, list and graph. */
export function passes(ticket: Ticket, filter: BoardFilter, context: FilterContext): boolean {
  return (
    facets.every((facet) => {
      const values = filter.facets[facet] ?? [];
      if (values.length === 0) return true;
      const own = valuesOf(ticket, facet, context);
      return values.some((value) => own.includes(value));
    }) &&
    (matches(ticket, filter.text) || context.textHits.has(ticket.id))
  );
}

const orNone = (id: string | undefined): readonly string[] => [id ?? none];

/** The values of a facet that a ticket has. */
function valuesOf(ticket: Ticket, facet: Facet, context: FilterContext): readonly string[] {
  switch (facet) {
    case "assignee":
      return ticket.assignee?.id === context.me ? [context.me, me] : orNone(ticket.assignee?.id);
    case "type":
      return [ticket.type];
    case "priority":
      return [ticket.priority];
    case "label":
      return ticket.labels;
    case "repository":
      return orNone(ticket.repository?.id);
    case "epic":
      return ticket.parentId === null ? [none] : ancestorsOf(ticket, context.ticketOf);
    case "run":
      return runValues(ticket);
    case "column":
      return [ticket.column];
    case "ready":
      return [context.readinessOf(ticket)];
  }
}

function runValues({ run }: Ticket): readonly string[] {
  if (run === null) return [none];
  if (isFinal(run.state)) return ["ended"];
  return ["any", stateTone(run.state) === "working" ? "working" : "waiting"];
}

/** A ticket's parent, the parent's parent, and so on; parents in a circle come once. */
export function ancestorsOf(ticket: Ticket, ticketOf: FilterContext["ticketOf"]): readonly string[] {
  const ids = new Set<string>();
  for (let id = ticket.parentId; id !== null && !ids.has(id); id = ticketOf(id)?.parentId ?? null) ids.add(id);
  return [...ids];
}

/** True when every word is in the ticket's key, title, labels, repository, type, priority or assignee. An empty text matches all. */
export function matches(ticket: Ticket, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
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

/** The filter with one value of a facet added, or without it. */
export function toggledValue(filter: BoardFilter, facet: Facet, value: string): BoardFilter {
  const values = filter.facets[facet] ?? [];
  const next = values.includes(value) ? values.filter((each) => each !== value) : [...values, value];
  return withFacet(filter, facet, next);
}

/** The filter with these values of a facet. */
export function withFacet(filter: BoardFilter, facet: Facet, values: readonly string[]): BoardFilter {
  return { ...filter, facets: { ...filter.facets, [facet]: values } };
}

type Search = Readonly<Partial<Record<string, string>>>;

/** The filter in a page's address. Values of a facet stand side by side with commas between; repeated and empty ones count once or not at all. */
export function filterOf(search: Search): BoardFilter {
  const chosen: Partial<Record<Facet, readonly string[]>> = {};
  for (const facet of facets) {
    const values = [...new Set((search[facet] ?? "").split(",").filter((value) => value !== ""))];
    if (values.length > 0) chosen[facet] = values.map(unescaped);
  }
  return { text: search["q"] ?? "", facets: chosen };
}

/** A filter as parameters of an address: every facet, with an undefined one where it has no value. */
export function searchOf({ facets: chosen, text }: BoardFilter): Record<Facet | "q", string | undefined> {
  const of = (facet: Facet) => {
    const values = (chosen[facet] ?? []).map(escaped).join(",");
    return values === "" ? undefined : values;
  };
  return {
    q: text === "" ? undefined : text,
    assignee: of("assignee"),
    type: of("type"),
    priority: of("priority"),
    label: of("label"),
    repository: of("repository"),
    epic: of("epic"),
    run: of("run"),
    column: of("column"),
    ready: of("ready"),
  };
}

const escaped = (value: string) => value.replaceAll("~", "~~").replaceAll(",", "~.");
const unescaped = (value: string) => value.replaceAll(/~([~.])/g, (_, sign: string) => (sign === "." ? "," : "~"));

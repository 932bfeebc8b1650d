import type { Ticket, TicketStage } from "../../contracts/project.ts";

/** The things that a ticket may be better for. */
export type SuggestionKind = "split" | "like" | "criteria";

/** A suggestion for a ticket, with the sentence that says why. */
export type Suggestion =
  | { readonly kind: "split" | "criteria"; readonly words: string }
  | { readonly kind: "like"; readonly words: string; readonly otherId: string };

/** A ticket with more acceptance criteria, or a longer description in characters, is better split. */
export const mostCriteria = 8;
export const longestDescription = 6_000;

/** Only tickets that nobody works on yet are looked at for their size and their criteria. */
const waiting: readonly (TicketStage | undefined)[] = ["backlog", "todo"];

/**
 * The suggestions for a ticket. `like` is a ticket that came before and has nearly the same title. Epics are large and have no criteria of
 * their own; a finished ticket has no suggestion.
 */
export function suggestionsFor(
  ticket: Pick<Ticket, "acceptanceCriteria" | "description" | "type">,
  stage: TicketStage | undefined,
  like: Pick<Ticket, "id" | "key" | "title"> | undefined,
): readonly Suggestion[] {
  if (stage === "done") return [];
  const suggestions: Suggestion[] = [];
  const isLookedAt = waiting.includes(stage) && ticket.type !== "epic";
  const split = isLookedAt ? splitWords(ticket) : undefined;
  if (split !== undefined) suggestions.push({ kind: "split", words: split });
  if (like !== undefined)
    suggestions.push({ kind: "like", otherId: like.id, words: `Looks like ${like.key}: ${like.title}` });
  if (isLookedAt && ticket.acceptanceCriteria.trim() === "")
    suggestions.push({
      kind: "criteria",
      words: "No acceptance criteria: an agent can’t tell when it is done.",
    });
  return suggestions;
}

function splitWords({ acceptanceCriteria, description }: Pick<Ticket, "acceptanceCriteria" | "description">) {
  const count = countCriteria(acceptanceCriteria);
  if (count > mostCriteria) return `Split it: it has ${count} acceptance criteria.`;
  if (description.length <= longestDescription) return undefined;
  return `Split it: its description has ${description.length.toLocaleString("en")} characters.`;
}

/** The criteria of a Markdown text: the entries of its outermost lists, or its paragraphs where it has no list. */
export function countCriteria(text: string): number {
  const lines = text.split("\n");
  const indents = lines.flatMap((line) => {
    const [, indent] = /^(\s*)(?:[-*+]|\d{1,9}[.)])\s+\S/u.exec(line) ?? [];
    return indent === undefined ? [] : [indent.length];
  });
  if (indents.length === 0) return text.split(/\n\s*\n/u).filter((part) => part.trim() !== "").length;
  const outermost = Math.min(...indents);
  return indents.filter((indent) => indent === outermost).length;
}

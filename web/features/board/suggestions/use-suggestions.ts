import { useMemo, useSyncExternalStore } from "react";
import type { Ticket } from "../../../../contracts/project.ts";
import { stageOfColumn } from "../../../../domain/board/columns.ts";
import { suggestionsFor, type Suggestion } from "../../../../domain/board/suggestions.ts";
import { useBoardParts } from "../parts.ts";
import { useBoardRefusal } from "../refusal.ts";
import { useBoard } from "../store.ts";
import { useDismissed } from "./dismissed.ts";

/** The suggestions for a ticket that were not put away. */
export function useSuggestions(ticket: Ticket): readonly Suggestion[] {
  const { likes, store } = useBoardParts();
  const likeId = useSyncExternalStore(likes.subscribe, () => likes.likeOf(ticket.id));
  const stage = useBoard(store, ({ boards }) => stageOfColumn(boards, ticket.column));
  const like = useBoard(store, ({ tickets }) => (likeId === null ? undefined : tickets.get(likeId)));
  const isDismissed = useDismissed();
  const { acceptanceCriteria, description, id, type } = ticket;
  const all = useMemo(
    () => suggestionsFor({ acceptanceCriteria, description, type }, stage, like),
    [acceptanceCriteria, description, type, stage, like],
  );
  return all.filter(({ kind }) => !isDismissed(id, kind));
}

/** A suggestion's next step: its name, why this person can't take it (null when they can), and how it is taken. */
export interface SuggestedStep {
  readonly label: string;
  readonly refusal: string | null;
  readonly take: () => void;
}

interface StepTo {
  readonly onOpen: (ticketId: string) => void;
  readonly onPlan: (ticketId: string) => void;
}

/** The next steps of a ticket's suggestions. */
export function useSteps(ticket: Ticket, { onOpen, onPlan }: StepTo): (suggestion: Suggestion) => SuggestedStep {
  const { fieldAsk, store } = useBoardParts();
  const runRefusal = useBoardRefusal("run.start");
  const editRefusal = useBoardRefusal("ticket.edit");
  return (suggestion) => {
    switch (suggestion.kind) {
      case "split":
        return { label: "Plan the split", refusal: runRefusal, take: () => onPlan(ticket.id) };
      case "like": {
        const { otherId } = suggestion;
        const key = store.read().tickets.get(otherId)?.key ?? "the other ticket";
        return { label: `Open ${key}`, refusal: null, take: () => onOpen(otherId) };
      }
      case "criteria":
        return {
          label: "Write the criteria",
          refusal: editRefusal,
          take: () => {
            fieldAsk.ask(ticket.id, "acceptanceCriteria");
            onOpen(ticket.id);
          },
        };
    }
  };
}

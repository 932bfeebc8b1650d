import { useNavigate } from "@tanstack/react-router";
import { Lightbulb } from "lucide-react";
import { Fragment, memo, useRef } from "react";
import type { Ticket } from "../../../../contracts/project.ts";
import { Menu, MenuItem, MenuRule } from "../../../components/ui/menu.tsx";
import { dismiss } from "./dismissed.ts";
import { useSteps, useSuggestions } from "./use-suggestions.ts";

interface SuggestionMarkProps {
  readonly ticket: Ticket;
  readonly onOpen: (ticketId: string) => void;
}

/** At a card's corner, when there is a suggestion for its ticket: a menu of the suggestions, each with its next step. */
export const SuggestionMark = memo(function SuggestionMark({ onOpen, ticket }: SuggestionMarkProps) {
  const suggestions = useSuggestions(ticket);
  const navigate = useNavigate();
  const stepOf = useSteps(ticket, {
    onOpen,
    onPlan: (id) => void navigate({ to: "/", search: { ticket: id, mode: "plan" } }),
  });
  // A step leads elsewhere, and takes the focus along once the menu is closed.
  const chosen = useRef<(() => void) | null>(null);
  if (suggestions.length === 0) return null;
  const words = suggestions.map((each) => each.words).join("\n");
  return (
    <Menu
      align="end"
      className="w-72"
      onCloseAutoFocus={(event) => {
        if (chosen.current === null) return;
        event.preventDefault();
        chosen.current();
        chosen.current = null;
      }}
      trigger={
        <button
          type="button"
          data-suggestions={ticket.id}
          aria-label={`Suggestions for ${ticket.key}: ${suggestions.length}`}
          title={words}
          className="absolute -top-1 -right-1 flex size-4 items-center justify-center rounded-full border border-line bg-raised text-muted hover:border-line-strong hover:text-text before:absolute before:-inset-1 focus-visible:-outline-offset-1"
        >
          <Lightbulb className="size-2.5" aria-hidden />
        </button>
      }
    >
      {suggestions.map((suggestion, index) => {
        const { label, refusal, take } = stepOf(suggestion);
        return (
          <Fragment key={suggestion.kind}>
            {index > 0 && <MenuRule />}
            <p className="px-2 pt-1.5 pb-1 text-xs break-words text-muted">{suggestion.words}</p>
            <MenuItem
              onSelect={() => {
                chosen.current = take;
              }}
              disabled={refusal !== null}
            >
              {refusal === null ? label : `${label}: ${refusal}`}
            </MenuItem>
            <MenuItem onSelect={() => dismiss(ticket.id, suggestion.kind)}>Don’t suggest it again</MenuItem>
          </Fragment>
        );
      })}
    </Menu>
  );
});

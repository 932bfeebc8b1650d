import { useNavigate } from "@tanstack/react-router";
import { Lightbulb, X } from "lucide-react";
import type { Ticket } from "../../../../contracts/project.ts";
import { Button } from "../../../components/ui/button.tsx";
import { dismiss } from "./dismissed.ts";
import { useSteps, useSuggestions } from "./use-suggestions.ts";

/** The suggestions for a ticket at the top of its drawer, each with its next step. */
export function SuggestionNotice({ ticket }: { readonly ticket: Ticket }) {
  const suggestions = useSuggestions(ticket);
  const navigate = useNavigate();
  const stepOf = useSteps(ticket, {
    onOpen: (id) => void navigate({ to: ".", search: (before) => ({ ...before, ticket: id }) }),
    onPlan: (id) => void navigate({ to: "/", search: { ticket: id, mode: "plan" } }),
  });
  if (suggestions.length === 0) return null;
  return (
    <ul aria-label="Suggestions" className="mt-4 flex flex-col gap-1.5">
      {suggestions.map((suggestion) => {
        const { label, refusal, take } = stepOf(suggestion);
        return (
          <li
            key={suggestion.kind}
            className="flex flex-wrap items-center gap-x-2 gap-y-1 rounded-lg border border-line bg-panel px-3 py-1.5 text-sm text-soft"
          >
            <Lightbulb className="size-3.5 shrink-0 text-muted" aria-hidden />
            <span className="min-w-0 flex-1 basis-48 break-words">{suggestion.words}</span>
            <Button size="sm" onClick={take} disabled={refusal !== null} title={refusal ?? undefined}>
              {label}
            </Button>
            <Button
              look="ghost"
              size="icon"
              className="size-7"
              aria-label="Don’t suggest it again"
              title="Don’t suggest it again"
              onClick={() => dismiss(ticket.id, suggestion.kind)}
            >
              <X className="size-3.5" aria-hidden />
            </Button>
          </li>
        );
      })}
    </ul>
  );
}

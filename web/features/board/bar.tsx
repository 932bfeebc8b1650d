import { Plus, Search } from "lucide-react";
import { useRef, type ReactNode } from "react";
import type { Person } from "../../../contracts/common.ts";
import { Kbd } from "../../components/ui/badges.tsx";
import { Button } from "../../components/ui/button.tsx";
import { useHotkey } from "../../lib/hotkeys.ts";
import { Faces } from "./card.tsx";

interface BoardBarProps {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  /** True when a filter, of text or another kind, hides tickets. */
  readonly filtered: boolean;
  readonly shown: number;
  readonly total: number;
  /** The others who have the board open. */
  readonly others: readonly Person[];
  /** Why this person may not make a ticket; null when they may. */
  readonly createRefusal: string | null;
  /** Why this person may not move a ticket; null when they may. */
  readonly moveRefusal: string | null;
  readonly onCreate: () => void;
  /** Stands before "New ticket". */
  readonly children?: ReactNode;
}

/** Above the columns: the filter, the others who are here, and a new ticket. */
export function BoardBar(props: BoardBarProps) {
  const { filter, onFilter, filtered, shown, total, others, createRefusal, moveRefusal, onCreate, children } = props;
  const input = useRef<HTMLInputElement>(null);
  useHotkey("/", () => input.current?.focus());
  return (
    <div className="flex h-13 shrink-0 items-center gap-2 px-4">
      <div className="flex h-8 w-56 min-w-0 items-center gap-2 rounded-lg border border-line bg-card px-2.5 focus-within:border-line-strong">
        <Search className="size-3.5 shrink-0 text-muted" aria-hidden />
        <input
          ref={input}
          value={filter}
          onChange={(event) => onFilter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            onFilter("");
            input.current?.blur();
          }}
          placeholder="Filter tickets"
          aria-label="Filter tickets"
          className="min-w-0 flex-1 bg-transparent focus-visible:outline-none"
        />
        <Kbd>/</Kbd>
      </div>
      {filtered && (
        <span className="tabular shrink-0 text-xs text-muted" role="status">
          {shown} of {total}
        </span>
      )}
      {moveRefusal !== null && (
        <p className="hidden min-w-0 truncate text-xs text-muted lg:block" title={moveRefusal}>
          Moving tickets: {moveRefusal}
        </p>
      )}
      <div className="ml-auto flex shrink-0 items-center gap-3">
        {others.length > 0 && <Faces people={others} words="has the board open" className="size-6" most={4} />}
        {children}
        <Button onClick={onCreate} disabled={createRefusal !== null} title={createRefusal ?? "New ticket (C)"}>
          <Plus className="size-4" aria-hidden />
          <span className="hidden sm:inline">New ticket</span>
          <Kbd className="hidden! sm:inline-flex!">C</Kbd>
        </Button>
      </div>
    </div>
  );
}

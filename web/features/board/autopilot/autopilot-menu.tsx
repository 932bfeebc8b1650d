import { Bot } from "lucide-react";
import { useState } from "react";
import { autopilotLevels, maxAutopilotSlots, startsRuns } from "../../../../contracts/autopilot-names.ts";
import type { Autopilot, SetAutopilot } from "../../../../contracts/autopilot.ts";
import type { Ticket } from "../../../../contracts/project.ts";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { Popover } from "../../../components/ui/popover.tsx";
import { useBoardParts } from "../parts.ts";
import { useBoardRefusal } from "../refusal.ts";
import { useBoard } from "../store.ts";
import { useAutopilot } from "./use-autopilot.ts";
import { autopilotSummary, levelWords, waitWords } from "./words.ts";

interface AutopilotMenuProps {
  readonly projectId: string;
  readonly onOpenTicket: (ticketId: string) => void;
}

/** The autopilot of the board: its switch, its slots, and the line with why each ticket waits. */
export function AutopilotMenu({ onOpenTicket, projectId }: AutopilotMenuProps) {
  const [open, setOpen] = useState(false);
  const { change, query } = useAutopilot(projectId, open);
  const autopilot = query.data;
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      label="Autopilot"
      className="max-h-[min(32rem,80vh)] overflow-y-auto"
      trigger={
        <Button
          look="ghost"
          className={cx(autopilot !== undefined && startsRuns[autopilot.level] && "text-lime-text")}
          title="Autopilot"
        >
          <Bot className="size-4" aria-hidden />
          <span className="hidden md:inline">
            {autopilot === undefined ? "Autopilot" : autopilotSummary(autopilot)}
          </span>
        </Button>
      }
    >
      {autopilot === undefined ? (
        query.isError ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <p className="text-sm text-muted">Loading…</p>
        )
      ) : (
        <div className="flex flex-col gap-3">
          <Settings
            settings={{
              level: (change.isPending ? change.variables.level : undefined) ?? autopilot.level,
              slots: (change.isPending ? change.variables.slots : undefined) ?? autopilot.slots,
            }}
            onChange={change.mutate}
          />
          {change.isError && <Failure error={change.error} kept="The autopilot is as it was." />}
          <Line
            autopilot={autopilot}
            onOpen={(ticketId) => {
              setOpen(false);
              onOpenTicket(ticketId);
            }}
          />
        </div>
      )}
    </Popover>
  );
}

interface SettingsProps {
  /** As they are, or as they will be once the server has answered. */
  readonly settings: Pick<Autopilot, "level" | "slots">;
  readonly onChange: (change: SetAutopilot) => void;
}

function Settings({ settings, onChange }: SettingsProps) {
  const refusal = useBoardRefusal("project.update");
  const isOff = refusal !== null;
  return (
    <>
      <fieldset className="flex flex-col gap-1" disabled={isOff}>
        <legend className="mb-1.5 text-sm font-semibold">Autopilot</legend>
        {autopilotLevels.map((level) => (
          <label key={level} className="flex cursor-pointer items-start gap-2 rounded-md px-1.5 py-1 hover:bg-hover">
            <input
              type="radio"
              name="autopilot"
              className="mt-1 accent-lime"
              checked={settings.level === level}
              onChange={() => onChange({ level })}
            />
            <span className="min-w-0">
              <span className="text-sm font-medium">{levelWords[level].name}</span>
              <span className="block text-xs text-muted">{levelWords[level].hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label className="flex items-center justify-between gap-2 text-sm">
        Runs at once
        <select
          className="h-7 rounded-md border border-line-strong bg-card px-1.5"
          value={settings.slots}
          disabled={isOff}
          onChange={(event) => onChange({ slots: Number(event.target.value) })}
        >
          {Array.from({ length: maxAutopilotSlots }, (_, index) => (
            <option key={index + 1}>{index + 1}</option>
          ))}
        </select>
      </label>
      {refusal !== null && <p className="text-xs text-muted">{refusal}</p>}
    </>
  );
}

function Line({ autopilot, onOpen }: { readonly autopilot: Autopilot; readonly onOpen: (ticketId: string) => void }) {
  const { store } = useBoardParts();
  const tickets = useBoard(store, (shown) => shown.tickets);
  const keyOf = (id: string): string => tickets.get(id)?.key ?? "a ticket";
  const { next, waiting } = autopilot;
  if (next.length + waiting.length === 0)
    return (
      <p className="border-t border-line pt-3 text-xs text-muted">
        Nothing is in Todo. Stories, tasks and bugs that you move there stand in the autopilot’s line.
      </p>
    );
  return (
    <div className="border-t border-line pt-3">
      <h3 className="mb-1 text-xs font-semibold text-muted">
        The line · {autopilot.running} of {autopilot.slots} {autopilot.slots === 1 ? "slot" : "slots"} in use
      </h3>
      <ol className="flex flex-col">
        {next.map((id) => (
          <LineTicket key={id} ticket={tickets.get(id)} words="Next." isNext onOpen={() => onOpen(id)} />
        ))}
        {waiting.map(({ ticketId, wait }) => (
          <LineTicket
            key={ticketId}
            ticket={tickets.get(ticketId)}
            words={waitWords(wait, keyOf)}
            onOpen={() => onOpen(ticketId)}
          />
        ))}
      </ol>
    </div>
  );
}

interface LineTicketProps {
  readonly ticket: Ticket | undefined;
  readonly words: string;
  readonly isNext?: boolean;
  readonly onOpen: () => void;
}

function LineTicket({ isNext = false, onOpen, ticket, words }: LineTicketProps) {
  if (ticket === undefined) return null;
  return (
    <li>
      <button type="button" onClick={onOpen} className="w-full rounded-md px-1.5 py-1 text-left hover:bg-hover">
        <span className="flex gap-1.5 text-sm">
          <span className="shrink-0 text-muted">{ticket.key}</span>
          <span className="truncate">{ticket.title}</span>
        </span>
        <span className={cx("block text-xs", isNext ? "text-lime-text" : "text-muted")}>{words}</span>
      </button>
    </li>
  );
}

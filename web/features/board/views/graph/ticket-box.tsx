import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import type { Ticket, TicketStage } from "../../../../../contracts/project.ts";
import { Avatar, StateDot } from "../../../../components/ui/badges.tsx";
import { cx } from "../../../../components/ui/cx.ts";
import { isFinal } from "../../../../lib/vocabulary.ts";
import { stateLabel } from "../../../../lib/words.ts";
import { PriorityIcon, stageColors, TypeIcon } from "../../../../components/ticket-icons.tsx";
import { boxSize } from "../../../../lib/layered-graph.ts";

export interface BoxData extends Record<string, unknown> {
  readonly ticket: Ticket;
  readonly columnName: string;
  readonly stage: TicketStage;
  readonly isCritical: boolean;
  readonly isOpen: boolean;
  readonly mayLink: boolean;
  readonly onOpen: (id: string) => void;
}
export type BoxNode = Node<BoxData, "ticket">;

const handle = "z-10 size-3! rounded-full! border-2! border-bg! bg-line-strong!";

/** A ticket as a box of the graph: a click opens it, a drag from its right side to another makes that one wait for it. */
export const TicketBox = memo(function TicketBox({ data }: NodeProps<BoxNode>) {
  const { columnName, isCritical, isOpen, mayLink, onOpen, stage, ticket } = data;
  const run = ticket.run !== null && !isFinal(ticket.run.state) ? ticket.run : null;
  return (
    <div style={boxSize}>
      <Handle
        type="target"
        position={Position.Left}
        isConnectable={mayLink}
        className={cx(handle, !mayLink && "invisible")}
      />
      <button
        type="button"
        data-card={ticket.id}
        onClick={() => onOpen(ticket.id)}
        title={ticket.title}
        className={cx(
          "relative flex size-full cursor-pointer flex-col gap-1 overflow-hidden rounded-xl border bg-card py-2 pr-3 pl-4 text-left",
          isCritical ? "border-text" : isOpen ? "border-soft" : "border-line hover:border-line-strong",
        )}
      >
        <span aria-hidden className={cx("absolute inset-y-0 left-0 w-1.5", stageColors[stage])} />
        <span className="flex w-full items-center gap-1.5 text-xs text-muted">
          <TypeIcon type={ticket.type} />
          <span className="tabular">{ticket.key}</span>
          <span className="truncate">{columnName}</span>
          {isCritical && <span className="sr-only">on the critical path</span>}
          <span className="ml-auto inline-flex items-center gap-1.5">
            {run !== null && (
              <span title={stateLabel(run.state)} className="inline-flex">
                <StateDot state={run.state} />
                <span className="sr-only">{stateLabel(run.state)}</span>
              </span>
            )}
            <PriorityIcon priority={ticket.priority} />
            {ticket.assignee !== null && <Avatar person={ticket.assignee} className="size-4" />}
          </span>
        </span>
        <span className="line-clamp-2 text-xs font-medium break-words">{ticket.title}</span>
      </button>
      <Handle
        type="source"
        position={Position.Right}
        isConnectable={mayLink}
        className={cx(handle, !mayLink && "invisible")}
      />
    </div>
  );
});

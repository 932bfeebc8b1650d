import {
  CircleAlert,
  CircleSlash,
  FileText,
  FoldVertical,
  MessageCircleQuestion,
  Pause,
  Play,
  SquareKanban,
} from "lucide-react";
import { memo } from "react";
import { Markdown } from "../../../components/markdown.tsx";
import { ActorAvatar } from "../../../components/ui/badges.tsx";
import { formatCost, plural, shortHash } from "../../../lib/format.ts";
import type { MessageRow, NotedRow } from "../model/rows.ts";
import { Line, Quiet } from "./line.tsx";
import { Fold } from "./rows.tsx";

type SteeringType =
  | "run.cancel_requested"
  | "run.paused"
  | "run.unpaused"
  | "question.asked"
  | "question.answered"
  | "artifact.created"
  | "plan.revised"
  | "tickets.created"
  | "budget.warned"
  | "context.compacted"
  | "call.cut";
export type SteeringEvent = Extract<NotedRow["event"], { type: SteeringType }>;

const steeringTypes: Record<SteeringType, true> = {
  "run.cancel_requested": true,
  "run.paused": true,
  "run.unpaused": true,
  "question.asked": true,
  "question.answered": true,
  "artifact.created": true,
  "plan.revised": true,
  "tickets.created": true,
  "budget.warned": true,
  "context.compacted": true,
  "call.cut": true,
};

/** True for the events that {@link Steering} shows. */
export function isSteering(event: NotedRow["event"]): event is SteeringEvent {
  return Object.hasOwn(steeringTypes, event.type);
}

/** A person's message to the agent while it worked. */
export const Message = memo(function Message({ row }: { row: MessageRow }) {
  if (row.status === "removed") return null;
  return (
    <div className="my-2 ml-auto w-fit max-w-[85%] rounded-xl border border-line bg-card px-3.5 py-2.5">
      <p className="mb-1 flex items-center gap-1.5 text-xs text-muted">
        <ActorAvatar actor={row.by} className="size-4.5" />
        {row.by.name}
        {row.status === "waiting" && " · waits for the next turn"}
      </p>
      <p className="text-base break-words whitespace-pre-wrap">{row.text}</p>
      {row.status === "passed_over" && <p className="mt-1.5 text-xs text-amber">Not read. {row.reason}</p>}
    </div>
  );
});

/** Pauses, questions, documents, tickets and budgets. `open` unfolds a document. */
export function Steering({ event, open, onToggle }: { event: SteeringEvent; open: boolean; onToggle: () => void }) {
  switch (event.type) {
    case "run.cancel_requested":
      return (
        <Line icon={<CircleSlash />}>
          Cancelled by {event.data.by.name} <Quiet>the write under way ends first and is recorded</Quiet>
        </Line>
      );
    case "run.paused":
      return <Line icon={<Pause />}>Paused by {event.data.by.name}</Line>;
    case "run.unpaused":
      return <Line icon={<Play />}>{event.data.by.name} let it go on</Line>;
    case "question.asked":
      return (
        <Line
          icon={<MessageCircleQuestion className="text-amber" />}
          more={<Markdown text={event.data.question} className="text-base" />}
        >
          <span className="font-medium">The agent asks</span>
        </Line>
      );
    case "question.answered":
      return (
        <Line
          icon={<MessageCircleQuestion />}
          more={<p className="break-words whitespace-pre-wrap">{event.data.answer}</p>}
        >
          <span className="font-medium">{event.data.by.name} answered</span>
        </Line>
      );
    case "artifact.created":
      // The review and the test report have lines of their own.
      if (event.data.kind === "review" || event.data.kind === "test_report") return null;
      return (
        <div className="px-2">
          <Fold
            icon={<FileText aria-hidden />}
            label={`${event.data.title}${event.data.version > 1 ? `, version ${event.data.version}` : ""}`}
            open={open}
            onToggle={onToggle}
          >
            <Markdown text={event.data.markdown} className="rounded-lg border border-line bg-card px-3.5 py-2.5" />
          </Fold>
        </div>
      );
    case "plan.revised":
      return (
        <Line icon={<ActorAvatar actor={event.data.by} />}>
          <span className="font-medium">{event.data.by.name} changed the plan</span>{" "}
          <Quiet>{`version ${event.data.version}, content ${shortHash(event.data.hash, 12)}`}</Quiet>
        </Line>
      );
    case "tickets.created":
      return (
        <Line
          icon={<SquareKanban className="text-green" />}
          more={
            <ul className="flex flex-col gap-0.5 text-soft">
              {event.data.tickets.map((ticket) => (
                <li key={ticket.id}>
                  <span className="tabular text-muted">{ticket.key}</span> {ticket.title}
                </li>
              ))}
            </ul>
          }
        >
          {plural(event.data.tickets.length, "ticket")} created
        </Line>
      );
    case "budget.warned":
      return (
        <Line icon={<CircleAlert className="text-amber" />}>
          The budget runs low{" "}
          <Quiet>{`${formatCost(event.data.spentMicros)} of ${formatCost(event.data.limitMicros)} spent`}</Quiet>
        </Line>
      );
    case "call.cut": {
      const { costMicros, isEstimate } = event.data;
      const cost =
        costMicros === null ? "cost unknown" : `${formatCost(costMicros)} booked${isEstimate ? ", an estimate" : ""}`;
      return (
        <Line icon={<CircleAlert className="text-muted" />}>
          A model call was cut, and its provider bills it <Quiet>{cost}</Quiet>
        </Line>
      );
    }
    case "context.compacted": {
      const { by, call, how, summary } = event.data;
      // Of older runs the event has none of these.
      const who = by === "anthropic" ? "by Claude" : by === "openai" ? "by Codex" : "by rule";
      const cost = !call ? "" : call.costMicros === null ? ", cost unknown" : `, ${formatCost(call.costMicros)}`;
      const what = how === "summarised" ? "The conversation so far was summarised" : "Old tool results were left out";
      if (!summary)
        return (
          <Line icon={<FoldVertical />}>
            {what} <Quiet>{`${who}${cost}`}</Quiet>
          </Line>
        );
      return (
        <div className="px-2">
          <Fold icon={<FoldVertical aria-hidden />} label={`${what} ${who}${cost}`} open={open} onToggle={onToggle}>
            <p className="border-l-2 border-line pl-3 whitespace-pre-wrap text-muted">{summary}</p>
          </Fold>
        </div>
      );
    }
  }
}

import { Bug, CircleCheckBig, Layers, BookOpen, type LucideIcon } from "lucide-react";
import type { Ticket, TicketStage } from "../../contracts/project.ts";
import { cx } from "./ui/cx.ts";

const types: Record<Ticket["type"], { icon: LucideIcon; label: string; color: string }> = {
  epic: { icon: Layers, label: "Epic", color: "text-soft" },
  story: { icon: BookOpen, label: "Story", color: "text-blue" },
  task: { icon: CircleCheckBig, label: "Task", color: "text-muted" },
  bug: { icon: Bug, label: "Bug", color: "text-red" },
};

/** The icon of a ticket's type. */
export function TypeIcon({ type, className = "size-3.5" }: { type: Ticket["type"]; className?: string }) {
  const { icon: Icon, label, color } = types[type];
  return (
    <span title={label} className="inline-flex">
      <Icon className={cx(color, className)} aria-label={label} role="img" />
    </span>
  );
}

export const typeLabels: Record<Ticket["type"], string> = { epic: "Epic", story: "Story", task: "Task", bug: "Bug" };
export const priorityLabels: Record<Ticket["priority"], string> = {
  urgent: "Urgent",
  high: "High",
  medium: "Medium",
  low: "Low",
  none: "No priority",
};
const bars: Record<Ticket["priority"], number> = { urgent: 3, high: 3, medium: 2, low: 1, none: 0 };

/** A ticket's priority as three bars; urgent is red. */
export function PriorityIcon({ priority }: { priority: Ticket["priority"] }) {
  const color = priority === "urgent" ? "bg-red" : "bg-soft";
  return (
    <span
      role="img"
      aria-label={`Priority: ${priorityLabels[priority]}`}
      title={priorityLabels[priority]}
      className="inline-flex h-3 items-end gap-[2px]"
    >
      {["h-1", "h-2", "h-3"].map((height, index) => (
        <span
          key={height}
          className={cx("w-[3px] rounded-[1px]", height, index < bars[priority] ? color : "bg-active")}
        />
      ))}
    </span>
  );
}

/** The colour of a stage's tickets; the name of their column stands beside it. */
export const stageColors: Record<TicketStage, string> = {
  backlog: "bg-line-strong",
  todo: "bg-soft",
  in_progress: "bg-blue",
  code_review: "bg-amber",
  qa: "bg-(--kind-test)",
  done: "bg-green",
};

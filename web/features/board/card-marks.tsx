import { ListChecks, Lock, MessageSquare } from "lucide-react";
import { blockedBy, isDone } from "../../../domain/board/dependencies.ts";
import type { Ticket } from "../../../contracts/project.ts";
import { cx } from "../../components/ui/cx.ts";
import { countTasks } from "./model/checklist.ts";
import { useBoardParts } from "./parts.ts";
import { useBoard } from "./store.ts";

/** On a card: how many tickets keep it from starting, how much of its checklists is done, and how many comments it has. All follow the board. */
export function CardMarks({ ticket }: { ticket: Ticket }) {
  const { store } = useBoardParts();
  const blockers = useBoard(store, (board) =>
    ticket.dependsOn.length === 0 || isDone(board, ticket) ? "" : keysOf(blockedBy(board, ticket)),
  );
  const tasks = countTasks(ticket.acceptanceCriteria, ticket.description);
  const count = blockers === "" ? 0 : blockers.split(", ").length;
  return (
    <>
      {count > 0 && (
        <span
          role="img"
          aria-label={`Waits for ${blockers}`}
          title={`Waits for ${blockers}`}
          className="inline-flex items-center gap-0.5 text-amber"
        >
          <Lock className="size-3" aria-hidden />
          <span className="tabular">{count}</span>
        </span>
      )}
      {tasks !== null && (
        <span
          role="img"
          aria-label={`${tasks.done} of ${tasks.total} checked`}
          title={`${tasks.done} of ${tasks.total} checked`}
          className={cx("inline-flex items-center gap-0.5", tasks.done === tasks.total && "text-green")}
        >
          <ListChecks className="size-3" aria-hidden />
          <span className="tabular">
            {tasks.done}/{tasks.total}
          </span>
        </span>
      )}
      {ticket.commentCount > 0 && (
        <span
          role="img"
          aria-label={ticket.commentCount === 1 ? "1 comment" : `${ticket.commentCount} comments`}
          className="inline-flex items-center gap-0.5"
        >
          <MessageSquare className="size-3" aria-hidden />
          <span className="tabular">{ticket.commentCount}</span>
        </span>
      )}
    </>
  );
}

function keysOf(tickets: readonly Ticket[]): string {
  return tickets.map(({ key }) => key).join(", ");
}

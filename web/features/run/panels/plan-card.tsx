import { Link } from "@tanstack/react-router";
import type { Run } from "../../../../contracts/run.ts";
import type { Proposal, RunNow } from "../model/now.ts";
import { DecisionCard, HashFact } from "./decision-card.tsx";

/** The decision on a plan: these tickets, yes or no. After a yes, the tickets that it made. */
export function PlanCard({ run, now, proposal }: { run: Run; now: RunNow; proposal: Proposal }) {
  return (
    <DecisionCard
      run={run}
      title={now.view.artifacts.plan?.title ?? "The plan"}
      hash={proposal.hash}
      baseCommit={proposal.baseCommit}
      approval={proposal.approval}
      open={now.state === "WAITING_APPROVAL" && proposal.approval === null}
      waiting={now.view.queue}
      approves="Approving creates the plan’s tickets, once."
      facts={<HashFact hash={proposal.hash} />}
      outcome={
        <ul className="mt-1.5 flex flex-col gap-1">
          {now.history.tickets.map((ticket) => (
            <li key={ticket.id}>
              <Link
                to="/projects/$projectId/board"
                params={{ projectId: run.projectId }}
                search={{ ticket: ticket.id }}
                className="hover:underline"
              >
                <span className="tabular text-muted">{ticket.key}</span> {ticket.title}
              </Link>
            </li>
          ))}
        </ul>
      }
    />
  );
}

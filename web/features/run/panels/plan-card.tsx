import { Link } from "@tanstack/react-router";
import type { Run } from "../../../../contracts/run.ts";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { shortHash } from "../../../lib/format.ts";
import type { Facts, Proposal } from "../model/facts.ts";
import { Decision } from "./decision.tsx";

/** The question of a plan run: these tickets, yes or no. After a yes, the tickets that it made. */
export function PlanCard({ run, facts, proposal }: { run: Run; facts: Facts; proposal: Proposal }) {
  const state = facts.state ?? run.state;
  const plan = facts.artifacts.find((artifact) => artifact.kind === "plan");
  const open = state === "WAITING_APPROVAL" && proposal.approval === null;
  return (
    <section aria-label="Approval" className="@container shrink-0 rounded-xl border border-line bg-card">
      <div className="px-3.5 pt-3 pb-2.5">
        <h2 className="text-base font-semibold">{plan?.title ?? "The plan"}</h2>
        <p className="mt-0.5 flex items-center gap-1 text-muted">
          Approving creates its tickets. Content{" "}
          <code className="font-mono text-xs">{shortHash(proposal.hash, 12)}</code>
          <CopyButton text={proposal.hash} label="content hash" className="-my-1" />
        </p>
      </div>
      {open ? (
        <Decision
          run={run}
          hash={proposal.hash}
          baseCommit={proposal.baseCommit}
          blocked={false}
          approves="Approving creates the plan’s tickets, once."
        />
      ) : (
        proposal.approval !== null && (
          <div className="border-t border-line px-3.5 py-2.5">
            <p>
              <span className="font-medium">{proposal.approval.by.name}</span>{" "}
              {
                { approve: "approved", reject: "rejected", request_changes: "asked for changes" }[
                  proposal.approval.decision
                ]
              }{" "}
              <TimeAgo atMs={proposal.approval.atMs} className="text-muted" />
            </p>
            {proposal.approval.comment !== "" && (
              <p className="mt-1 whitespace-pre-wrap text-soft">{proposal.approval.comment}</p>
            )}
            <ul className="mt-1.5 flex flex-col gap-1">
              {facts.tickets.map((ticket) => (
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
          </div>
        )
      )}
    </section>
  );
}

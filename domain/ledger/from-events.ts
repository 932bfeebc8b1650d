import { actorKey } from "../../contracts/actor.ts";
import type { LedgerEntry } from "../../contracts/ledger.ts";
import type { NewRunEvent } from "../../contracts/run-events.ts";
import { canonicalJson } from "../canonical-json.ts";
import { sha256Hex } from "../hash.ts";

/** The ledger's entry of an event, or undefined when the event proves nothing by itself. Texts are kept as hashes. */
export function ledgerOf(event: NewRunEvent): Pick<LedgerEntry, "kind" | "data"> | undefined {
  switch (event.type) {
    case "run.created":
      return {
        kind: "request",
        data: {
          mode: event.data.mode,
          model: event.data.model,
          promptHash: sha256Hex(event.data.prompt),
          repositories: event.data.repositories.map(({ baseBranch, name, owner }) => `${owner}/${name}@${baseBranch}`),
          startedBy: actorKey(event.data.startedBy),
          ...(event.data.reviewOf === null ? {} : { pullRequest: event.data.reviewOf.number }),
        },
      };
    case "run.state_changed":
      return {
        kind: "state",
        data: { from: event.data.from, to: event.data.to, trigger: event.data.trigger, cause: event.data.cause },
      };
    case "run.event_refused":
      return {
        kind: "decision",
        data: { refused: event.data.trigger, state: event.data.state, reason: event.data.reason },
      };
    case "repositories.chosen": {
      const { by, reasons, repositoryIds } = event.data;
      return {
        kind: "decision",
        data: { repositoryIds, by: actorKey(by), reasonsHash: sha256Hex(canonicalJson(reasons)) },
      };
    }
    case "lanes.ordered":
      return { kind: "decision", data: { order: event.data.order, by: actorKey(event.data.by) } };
    case "versions.compared":
      return { kind: "decision", data: { versionsHash: sha256Hex(canonicalJson(event.data.packages)) } };
    case "patch_set.withdrawn":
      return { kind: "patch_set", data: { withdrawn: event.data.hash, ...inLane(event.data) } };
    case "base.resolved":
      return { kind: "decision", data: { baseCommit: event.data.baseCommit, repositoryId: event.data.repositoryId } };
    case "pull_request.read":
      return {
        kind: "decision",
        data: {
          pullRequest: event.data.number,
          commit: event.data.commit,
          baseCommit: event.data.baseCommit,
          diff: event.data.diff,
          files: event.data.files,
        },
      };
    case "turn.finished":
    case "call.cut":
      return {
        kind: "model_call",
        data: {
          stage: event.data.stage,
          turn: event.data.turn,
          requestHash: event.data.requestHash,
          answerHash: event.data.answerHash,
          costMicros: event.data.costMicros,
        },
      };
    case "context.compacted": {
      const { call, stage, turn } = event.data;
      if (call === null) return undefined;
      const { answerHash, costMicros, requestHash } = call;
      return { kind: "model_call", data: { stage, turn, requestHash, answerHash, costMicros } };
    }
    case "review.submitted":
      return {
        kind: "decision",
        data: {
          review: event.data.verdict,
          findings: event.data.findings.length,
          summaryHash: sha256Hex(event.data.summary),
        },
      };
    case "tests.reported":
      return {
        kind: "decision",
        data: {
          ...inLane(event.data),
          tests: event.data.command,
          before: event.data.before?.exitCode ?? null,
          after: event.data.after?.exitCode ?? null,
          regressionFailedOnBase: event.data.regression?.failedOnBase ?? null,
        },
      };
    case "patch_set.proposed":
      return {
        kind: "patch_set",
        data: {
          hash: event.data.hash,
          version: event.data.version,
          baseCommit: event.data.baseCommit,
          files: event.data.patches.length,
          companions: event.data.companions.length,
          ...inLane(event.data),
        },
      };
    case "policy.evaluated":
      return {
        kind: "policy",
        data: {
          ...inLane(event.data),
          hash: event.data.hash,
          block: event.data.violations.filter((violation) => violation.severity === "BLOCK").length,
          warn: event.data.violations.filter((violation) => violation.severity === "WARN").length,
        },
      };
    case "gate.evaluated":
      return {
        kind: "gate",
        data: {
          ...inLane(event.data),
          gate: event.data.gate,
          status: event.data.status,
          evidence: event.data.evidence.map(({ label, value }) => ({ label, value })),
        },
      };
    case "approval.decided":
      return {
        kind: "approval",
        data: {
          hash: event.data.hash,
          baseCommit: event.data.baseCommit,
          decision: event.data.decision,
          by: actorKey(event.data.by),
          name: event.data.by.name,
          role: event.data.role,
          sessionId: event.data.sessionId,
          ...inLane(event.data),
          commentHash: sha256Hex(event.data.comment),
          ...(event.data.unseen === undefined ? {} : { unseen: [...event.data.unseen] }),
        },
      };
    case "write.finished":
      return {
        kind: "write",
        data: { ...inLane(event.data), write: event.data.kind, hash: event.data.hash, reference: event.data.reference },
      };
    case "artifact.created":
      return {
        kind: "decision",
        data: {
          artifact: event.data.kind,
          version: event.data.version,
          contentHash: sha256Hex(canonicalJson(event.data.data)),
        },
      };
    case "proposal.made":
      return {
        kind: "patch_set",
        data: {
          proposal: event.data.kind,
          hash: event.data.hash,
          baseCommit: event.data.baseCommit,
          ...(event.data.review === null ? {} : { comments: event.data.review.comments.length }),
        },
      };
    case "plan.revised": {
      const { baseHash, by, hash, role, sessionId, version } = event.data;
      return {
        kind: "decision",
        data: { planRevised: hash, from: baseHash, version, by: actorKey(by), name: by.name, role, sessionId },
      };
    }
    case "tickets.created":
      return {
        kind: "write",
        data: {
          write: "tickets",
          hash: event.data.hash,
          reference: event.data.tickets.map((ticket) => ticket.key).join(", "),
        },
      };
    case "question.answered":
      return {
        kind: "decision",
        data: { question: event.data.callId, answerHash: sha256Hex(event.data.answer), by: actorKey(event.data.by) },
      };
    case "message.queued":
      return {
        kind: "decision",
        data: { message: event.data.messageId, textHash: sha256Hex(event.data.text), by: actorKey(event.data.by) },
      };
    case "limits.set":
      return {
        kind: "decision",
        data: { ...event.data, by: event.data.by === null ? null : actorKey(event.data.by) },
      };
    case "run.cancel_requested":
      return { kind: "decision", data: { cancelledBy: actorKey(event.data.by) } };
    case "pull_request.updated":
      return {
        kind: "decision",
        data: {
          ...inLane(event.data),
          pullRequest: event.data.number,
          state: event.data.state,
          commit: event.data.headCommit,
        },
      };
    case "pull_request.close_requested": {
      const { by, deletesBranch, number, role, sessionId } = event.data;
      return {
        kind: "approval",
        data: {
          ...inLane(event.data),
          closes: number,
          deletesBranch,
          by: actorKey(by),
          name: by.name,
          role,
          sessionId,
        },
      };
    }
    case "pull_request.close_ended": {
      const { isBranchDeleted, number, outcome } = event.data;
      return {
        kind: "write",
        data: {
          ...inLane(event.data),
          write: "pull_request_close",
          reference: String(number),
          outcome,
          isBranchDeleted,
        },
      };
    }
    case "branch.delete_requested": {
      const { branch, by, role, sessionId } = event.data;
      return {
        kind: "approval",
        data: { ...inLane(event.data), deletes: branch, by: actorKey(by), name: by.name, role, sessionId },
      };
    }
    case "branch.delete_ended": {
      const { branch, outcome } = event.data;
      return {
        kind: "write",
        data: { ...inLane(event.data), write: "branch_delete", reference: branch, outcome },
      };
    }
    case "base.moved":
      return {
        kind: "decision",
        data: { ...inLane(event.data), baseCommit: event.data.baseCommit, movedTo: event.data.headCommit },
      };
    case "ci.updated":
      return event.data.status === "completed"
        ? {
            kind: "ci",
            data: {
              ...inLane(event.data),
              workflowRunId: event.data.checkId,
              commit: event.data.commit,
              conclusion: event.data.conclusion,
            },
          }
        : undefined;
    default:
      return undefined;
  }
}

/** The lane of an event, for those that belong to one. */
function inLane({ repositoryId }: { readonly repositoryId: string | null }): { readonly repositoryId?: string } {
  return repositoryId === null ? {} : { repositoryId };
}

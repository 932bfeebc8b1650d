import type { Mutant } from "./mutant.ts";

/** Mistakes in the pure domain: machine, fold, next step, conversation, ledger. */
export const domainMutants: readonly Mutant[] = [
  {
    name: "resume-forgets-where",
    file: "domain/run/fold.ts",
    find: `const returnTo = change.to === "NEEDS_HUMAN" ? stoppedAt : view.returnTo;`,
    replace: `const returnTo = view.returnTo ?? (change.to === "NEEDS_HUMAN" ? stoppedAt : undefined);`,
    breaks: "resuming leads back to where the run stopped last",
  },
  {
    name: "approval-outlives-its-patch-set",
    file: "domain/run/lane-fold.ts",
    find: "patchSetCount: version, isBlocked: false, unseen: [], approval: undefined,",
    replace: "patchSetCount: version, isBlocked: false, unseen: [],",
    breaks: "a new patch set needs a decision of its own",
  },
  {
    name: "open-calls-outlive-their-attempt",
    file: "domain/run/fold.ts",
    find: "cutTurns: 0, refusedTurns: 0, openToolCalls: [] };",
    replace: "cutTurns: 0, refusedTurns: 0 };",
    breaks: "a new attempt does not run the calls of the old one",
  },
  {
    name: "turns-never-reset",
    file: "domain/run/fold.ts",
    find: "turns: 0, turnOpen: undefined, turnAttempts: 0, turnFailures: 0",
    replace: "turnOpen: undefined, turnAttempts: 0, turnFailures: 0",
    breaks: "each attempt of a stage has its own allowance of turns",
  },
  {
    name: "send-backs-not-counted",
    file: "domain/run/fold.ts",
    find: "const sendBacks = isSendBack(cause) ?",
    replace: `const sendBacks = isSendBack(cause) && cause !== "sent_back" ?`,
    breaks: "the reviewer sends back once",
  },
  {
    name: "unknown-cost-is-zero",
    file: "domain/run/fold.ts",
    find: "costMicros: view.costMicros === null || costMicros === null ? null : view.costMicros + costMicros,",
    replace: "costMicros: (view.costMicros ?? 0) + (costMicros ?? 0),",
    breaks: "a cost that is not known is shown so",
  },
  {
    name: "lost-calls-share-an-id",
    file: "domain/run/next.ts",
    find: "attempt: view.turnAttempts + 1",
    replace: "attempt: (view.turnOpen?.attempt ?? view.turnFailures) + 1",
    breaks: "no two model calls have one id",
  },
  {
    name: "budget-off-by-one-call",
    file: "domain/run/next.ts",
    find: "if (costMicros !== null && (view.costMicros ?? 0) >= costMicros) return",
    replace: "if (costMicros !== null && (view.costMicros ?? 0) > costMicros + 2000) return",
    breaks: "a run overspends by at most the call under way",
  },
  {
    name: "unknown-cost-under-a-budget",
    file: "domain/run/next.ts",
    find: "if (costMicros !== null && view.costMicros === null) return",
    replace: "if (costMicros === 0 && view.costMicros === null) return",
    breaks: "a budget can't be kept with a cost that is not known",
  },
  {
    name: "no-last-turn",
    file: "domain/run/next.ts",
    find: "if (view.turns >= turns) return",
    replace: "if (view.turns > turns) return",
    breaks: "as many turns a stage as its limit says",
  },
  {
    name: "storm-without-end",
    file: "domain/run/next.ts",
    find: "if (view.turnFailures >= maxTurnFailures) return",
    replace: "if (view.turnFailures >= maxTurnFailures + 3) return",
    breaks: "a person is asked after so many failed calls",
  },
  {
    name: "plans-return-to-coding",
    file: "domain/run/modes.ts",
    find: `author: "planner",`,
    replace: `author: "coder",`,
    breaks: "changes to a plan go back to the planner",
  },
  {
    name: "cancel-only-while-running",
    file: "domain/run/machine.ts",
    find: `if (trigger === "cancelled") return { ok: true, to: "CANCELLED" };`,
    replace: `if (trigger === "cancelled" && state !== "NEEDS_HUMAN") return { ok: true, to: "CANCELLED" };`,
    breaks: "a run can be cancelled at any time",
  },
  {
    name: "send-back-without-limit",
    file: "domain/run/machine.ts",
    find: "context.sendBacks[trigger] >= maxSendBacks[trigger]",
    replace: "context.sendBacks[trigger] > maxSendBacks[trigger]",
    breaks: "work goes back at most so often",
  },
  {
    name: "architect-skipped",
    file: "domain/run/modes.ts",
    find: `stages: ["triage", "architect", "planner", "coder", "reviewer", "tester"],`,
    replace: `stages: ["triage", "planner", "coder", "reviewer", "tester"],`,
    breaks: "architecture before any patch",
  },
  {
    name: "results-after-the-text",
    file: "domain/run/conversation.ts",
    find: "blocks: [...expected.map((id) => results.get(id) ?? notRun(id)), ...rest] });",
    replace: "blocks: [...rest, ...expected.map((id) => results.get(id) ?? notRun(id))] });",
    breaks: "results come first",
  },
  {
    name: "failing-tests-tested-again",
    file: "domain/run/fold.ts",
    find: `const stoppedAt = cause === "tests_given_up" ? authorState(view.mode) : change.from;`,
    replace: "const stoppedAt = change.from;",
    breaks: "resuming after failing tests gives the work back to its author",
  },
  {
    name: "ledger-of-its-own-last-entry",
    file: "domain/ledger/chain.ts",
    find: "if (ledger.head !== previous) return",
    replace: "if (ledger.head === genesisHash) return",
    breaks: "a ledger without its last entry is found out",
  },
  {
    name: "ledger-links-unchecked",
    file: "domain/ledger/chain.ts",
    find: "if (sha256Hex(canonicalJson(open)) !== hash) return",
    replace: "if (sha256Hex(canonicalJson(open)).length !== hash.length) return",
    breaks: "a changed entry is found out",
  },
  {
    name: "approvals-not-in-the-ledger",
    file: "domain/ledger/from-events.ts",
    find: `    case "approval.decided":
      return {
        kind: "approval",`,
    replace: `    case "approval.decided":
      if (event.data.decision === "approve") return undefined;
      return {
        kind: "approval",`,
    breaks: "each decision is in the ledger",
  },
];

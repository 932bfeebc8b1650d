/** A planted mistake: `find` occurs exactly once in `file` and becomes `replace`. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The promise that it breaks. */
  readonly breaks: string;
}

/** Mistakes that the simulation must find. Each is one that a person could make and a reviewer could miss. */
export const mutants: readonly Mutant[] = [
  {
    name: "resume-forgets-where",
    file: "domain/run/fold.ts",
    find: `const returnTo = change.to === "NEEDS_HUMAN" ? stoppedAt : view.returnTo;`,
    replace: `const returnTo = view.returnTo ?? (change.to === "NEEDS_HUMAN" ? stoppedAt : undefined);`,
    breaks: "resuming leads back to where the run stopped last",
  },
  {
    name: "approval-outlives-its-patch-set",
    file: "domain/run/fold.ts",
    find: "blocked: false, approval: undefined, writes: {} }",
    replace: "blocked: false, writes: {} }",
    breaks: "a new patch set needs a decision of its own",
  },
  {
    name: "open-calls-outlive-their-attempt",
    file: "domain/run/fold.ts",
    find: "turnOpen: undefined, turnAttempts: 0, turnFailures: 0, retryAtMs: null, idleTurns: 0, openToolCalls: [] };",
    replace: "turnOpen: undefined, turnAttempts: 0, turnFailures: 0, retryAtMs: null, idleTurns: 0 };",
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
    find: `(cause === "sent_back" || cause === "tests_failed" || cause === "changes_requested")`,
    replace: `(cause === "tests_failed" || cause === "changes_requested")`,
    breaks: "the reviewer sends back once",
  },
  {
    name: "unknown-cost-is-zero",
    file: "domain/run/fold.ts",
    find: "costMicros: view.costMicros === null || turn.costMicros === null ? null : view.costMicros + turn.costMicros,",
    replace: "costMicros: (view.costMicros ?? 0) + (turn.costMicros ?? 0),",
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
    find: "if (view.turns >= maxTurns) return",
    replace: "if (view.turns > maxTurns) return",
    breaks: "fifty turns a stage",
  },
  {
    name: "storm-without-end",
    file: "domain/run/next.ts",
    find: "if (view.turnFailures >= maxTurnFailures) return",
    replace: "if (view.turnFailures >= maxTurnFailures + 3) return",
    breaks: "a person is asked after eight failed calls",
  },
  {
    name: "blocked-can-be-approved",
    file: "worker/services/run/engine/steps/propose.ts",
    find: "const next = isBlocked(violations) ? move",
    replace: "const next = isBlocked(violations) && violations.length > 50 ? move",
    breaks: "what policy blocks can't be approved",
  },
  {
    name: "plans-return-to-coding",
    file: "domain/run/machine.ts",
    find: `return mode === "plan" ? "PLANNING" : "CODING";`,
    replace: `return mode === "plan" ? "CODING" : "CODING";`,
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
    find: "if (context.sendBacks[cause] >= maxSendBacks[cause]) return",
    replace: "if (context.sendBacks[cause] > maxSendBacks[cause]) return",
    breaks: "work goes back at most so often",
  },
  {
    name: "architect-skipped",
    file: "domain/run/machine.ts",
    find: `const next = walk[after === undefined ? 0 : walk.indexOf(after) + 1];`,
    replace: `const next = walk[after === undefined ? 0 : walk.indexOf(after) + (after === "triage" ? 2 : 1)];`,
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
    name: "open-calls-unanswered",
    file: "domain/run/conversation.ts",
    find: "...expected.map((id) => results.get(id) ?? notRun(id)), ...rest]",
    replace: "...expected.flatMap((id) => results.get(id) ?? []), ...rest]",
    breaks: "each tool call is answered",
  },
  {
    name: "open-calls-not-kept",
    file: "worker/services/run/engine/steps/turn.ts",
    find: "[...open.map(notRun), ...",
    replace: "[...",
    breaks: "what was sent once is sent again byte for byte",
  },
  {
    name: "idle-model-speaks-last",
    file: "worker/services/run/engine/steps/turn.ts",
    find: `const isIdle = told.at(-1)?.role === "assistant" && open.length === 0;`,
    replace: "const isIdle = view.idleTurns > 0;",
    breaks: "the user speaks last",
  },
  {
    name: "messages-delivered-twice",
    file: "worker/services/run/engine/steps/turn.ts",
    find: "events: [...delivered, ...warning,",
    replace: "events: [...(step.attempt === 1 ? delivered : []), ...warning,",
    breaks: "a message enters once",
  },
  {
    name: "turn-ignores-its-epoch",
    file: "worker/services/run/engine/steps/turn.ts",
    find: `answerJson, vendorRequestId: answer.vendorRequestId },
    },
    epoch,`,
    replace: `answerJson, vendorRequestId: answer.vendorRequestId },
    },
    undefined,`,
    breaks: "an answer that comes after a cancel or a pause does not count",
  },
  {
    name: "started-tools-run-again",
    file: "worker/services/run/engine/steps/tool.ts",
    find: "if (call.started && refusal === undefined && !repeatableTools.has(call.name)) {",
    replace: "if (call.started && refusal !== undefined && !repeatableTools.has(call.name)) {",
    breaks: "a call that may have begun is not begun again",
  },
  {
    name: "shell-is-repeatable",
    file: "worker/services/run/tools/catalogue.ts",
    find: `"git_log", "run_tests", "ask_person", ...endingTools]`,
    replace: `"git_log", "run_tests", "shell", "ask_person", ...endingTools]`,
    breaks: "shell commands run at most once",
  },
  {
    name: "flood-runs-on",
    file: "worker/services/run/engine/steps/tool.ts",
    find: "if (position > maxToolCallsPerTurn) return",
    replace: "if (position > maxToolCallsPerTurn + 3) return",
    breaks: "at most forty calls of a turn are run",
  },
  {
    name: "shell-changes-not-saved",
    file: "worker/services/run/tools/run-tool.ts",
    find: `new Set<ToolName>(["edit_file", "write_file", "shell", "run_tests"])`,
    replace: `new Set<ToolName>(["edit_file", "write_file", "run_tests"])`,
    breaks: "what an agent did outlives its sandbox",
  },
  {
    name: "new-sandbox-not-restored",
    file: "worker/services/run/engine/workspace.ts",
    find: "await layChanges(deps.sandbox, id, workDir, saved);",
    replace: "await layChanges(deps.sandbox, id, workDir, saved.slice(1));",
    breaks: "a new sandbox stands as the journal last saved it",
  },
  {
    name: "generation-believed",
    file: "worker/services/run/engine/workspace.ts",
    find: `if (journal.fact("workspace_generation") === handle.generation) return;`,
    replace: `if (journal.fact("workspace_generation") !== undefined) return;`,
    breaks: "a sandbox that died is seeded again",
  },
  {
    name: "failing-tests-pass",
    file: "worker/services/run/engine/steps/test.ts",
    find: `if (verdict !== "fail") {`,
    replace: `if (verdict !== "fail" || view.sendBacks.tests_failed > 1) {`,
    breaks: "done with failing tests is impossible",
  },
  {
    name: "coder-not-told",
    file: "worker/services/run/engine/steps/end-stage.ts",
    find: `return close("ok", "Recorded.", { events: [...events, back.event], messages: [{ conversation: "coder", message }] });`,
    replace: `return close("ok", "Recorded.", { events: [...events, back.event], messages: message.role === "user" ? [] : [] });`,
    breaks: "who gets work back is told why",
  },
  {
    name: "tickets-lost-to-a-database-error",
    file: "worker/services/run/engine/steps/create-tickets.ts",
    find: "if (error instanceof PortError) throw error;",
    replace: "if (error instanceof Error) throw error;",
    breaks: "a database that fails once does not end an approved plan",
  },
  {
    name: "ci-conclusions-ignored",
    file: "worker/services/run/engine/steps/ci.ts",
    find: "if (known?.status === run.status && known.conclusion === run.conclusion) continue;",
    replace: "if (known !== undefined) continue;",
    breaks: "a run whose CI has ended comes to rest",
  },
  {
    name: "transient-errors-forever",
    file: "worker/services/run/engine/driver.ts",
    find: "if (error instanceof StaleStep || signal.aborted) return",
    replace: "if (signal.aborted) return",
    breaks: "a step that a person overtook is no failure",
  },
  {
    name: "stale-failure-overrules-a-person",
    file: "worker/services/run/engine/steps/write.ts",
    find: `cause).event] }, epoch);
  }
  return "again";`,
    replace: `cause).event] });
  }
  return "again";`,
    breaks: "what comes after a cancel changes nothing",
  },
  {
    name: "any-hash-approves",
    file: "worker/services/run/commands.ts",
    find: "if (proposed.hash !== decision.hash || proposed.baseCommit !== decision.baseCommit) {",
    replace: "if (proposed.hash !== decision.hash) {",
    breaks: "an approval binds hash and base",
  },
  {
    name: "eleven-messages",
    file: "worker/services/run/commands.ts",
    find: "if (view.queue.length >= maxQueuedMessages) return",
    replace: "if (view.queue.length > maxQueuedMessages) return",
    breaks: "ten messages wait at most",
  },
  {
    name: "resume-skips-the-question",
    file: "worker/services/run/commands.ts",
    find: `if (view.question !== undefined && view.question.answer === undefined && view.state === "NEEDS_HUMAN") {`,
    replace: `if (view.question !== undefined && view.question.answer !== undefined && view.state === "NEEDS_HUMAN") {`,
    breaks: "an open question has to be answered first",
  },
  {
    name: "unpause-after-the-end",
    file: "worker/services/run/commands.ts",
    find: "if (view.paused && !isFinal(view.state)) {",
    replace: "if (view.paused) {",
    breaks: "nothing after a final state",
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

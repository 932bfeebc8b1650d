import type { Mutant } from "./mutant.ts";

/** Mistakes about money and a stage's limits. */
export const moneyMutants: readonly Mutant[] = [
  {
    name: "calls-although-not-admitted",
    file: "worker/services/run/engine/steps/turn.ts",
    find: `if (admitted !== "go") return admitted;`,
    replace: `if (admitted === "again") return admitted;`,
    breaks: "no call is made that is not reserved",
  },
  {
    name: "old-limits-after-the-database",
    file: "worker/services/run/engine/steps/turn.ts",
    find: "const now = nextStep(view, deps.nowMs());",
    replace: "const now = step;",
    breaks: "what came while the database was asked counts for this call",
  },
  {
    name: "rests-without-settling",
    file: "domain/run/effects.ts",
    find: "return stageOf(view.state) === undefined;",
    replace: "return false;",
    breaks: "what was spent is told until it is known",
  },
  {
    name: "lost-reply-counts-as-settled",
    file: "worker/services/run/engine/spending.ts",
    find: "const unrecorded = Object.entries(now.spendByDay).filter(",
    replace: "const unrecorded = Object.entries(now.spendByDay).slice(-1).filter(",
    breaks: "every day of a run is charged",
  },
  {
    name: "unknown-cost-not-charged",
    file: "domain/run/fold.ts",
    find: "? { ...spent, unpricedCalls: spent.unpricedCalls + 1 }",
    replace: "? spent",
    breaks: "calls of unknown cost are counted",
  },
  {
    name: "cut-call-costs-nothing",
    file: "worker/services/run/engine/cut-call.ts",
    find: "error.spent === undefined) return;",
    replace: `error.spent === undefined || error.code === "stream_cut") return;`,
    breaks: "a call that was cut is booked",
  },
  {
    name: "stage-time-never-up",
    file: "domain/run/next.ts",
    find: "nowMs - view.stageClockAtMs >= stageWallTimeMs",
    replace: "nowMs - view.stageClockAtMs > stageWallTimeMs * 50",
    breaks: "a stage keeps its time",
  },
  {
    name: "resumes-into-the-same-stop",
    file: "domain/run/commands/steer.ts",
    find: "if (reached !== undefined) return",
    replace: "if (reached !== undefined && view.totalTurns > 99) return",
    breaks: "a resume that would stop at once is refused",
  },
];

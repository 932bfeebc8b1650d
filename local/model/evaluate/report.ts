/** One injected bug that the tests noticed, and what the agent made of it. */
export interface Trial {
  readonly kind: string;
  readonly line: number;
  readonly outcome: "repaired" | "declined" | "out of turns" | "claimed but wrong";
  /** The repaired file equals the file before the bug, spaces and brackets aside. */
  readonly same: boolean;
  readonly turns: number;
  readonly seconds: number;
}

export interface Evaluation {
  readonly name: string;
  readonly version: string;
  readonly trials: readonly Trial[];
  /** Injected bugs that no test noticed; they are not counted. */
  readonly unnoticed: number;
}

interface Row {
  readonly label: string;
  readonly trials: readonly Trial[];
  readonly unnoticed: string;
}

/** Prints the results by package and by kind of bug. */
export function printTables(evaluations: readonly Evaluation[]): void {
  console.log(`\n${table("package", byPackage(evaluations))}\n\n${table("kind of bug", byKind(evaluations))}`);
}

/** The report as a markdown page. */
export function writeReport(
  evaluations: readonly Evaluation[],
  run: { readonly command: string; readonly date: Date; readonly seconds: number },
): string {
  const trials = evaluations.flatMap((evaluation) => evaluation.trials);
  const failures = evaluations.flatMap(({ name, trials: own }) =>
    own
      .filter((trial) => trial.outcome !== "repaired")
      .map((trial) => `- ${name}, line ${trial.line}: ${trial.kind} (${trial.outcome} after ${trial.turns} turns)`),
  );
  const repaired = trials.filter((trial) => trial.outcome === "repaired");
  return `# How well the local model repairs bugs

The local model is an offline demo agent with no model inside. Asked to make failing tests pass, it searches: it localises by
test output and coverage, generates small edits, and tries them in copies until the whole suite passes. This page reports
what that is worth on real packages whose tests run offline.

- Command: \`${run.command}\`
- Date: ${run.date.toISOString().slice(0, 10)}, ${Math.round(run.seconds / 60)} minutes
- Bugs noticed by the tests: ${trials.length}. Repaired: ${repaired.length} (${percent(repaired.length, trials.length)}), of which ${repaired.filter((trial) => trial.same).length} restore the very code from before the bug; the others satisfy all tests in another way.
- Median of the repaired: ${median(repaired.map((trial) => trial.turns))} turns, ${median(repaired.map((trial) => trial.seconds))} s.

Bugs are injected by a seeded script (\`local/model/evaluate/inject.ts\`) that shares no code with the repair operators. Bugs that no
test notices are left out and counted apart. A repair counts when the whole suite passes in a run from outside, after the
agent has finished.

## By package

${table("package", byPackage(evaluations))}

## By kind of bug

${table("kind of bug", byKind(evaluations))}

## Not repaired

${failures.length > 0 ? failures.join("\n") : "None."}

## What the figures do not say

The injected bugs are single, small edits, which is what the search looks for; bugs in the wild are often larger. The
packages are small and well tested. Passing tests prove no more than the tests check: a repair that differs from the old code
may be wrong where no test looks, and the agent says so in its summary.
`;
}

function byPackage(evaluations: readonly Evaluation[]): readonly Row[] {
  return evaluations.map(({ name, version, trials, unnoticed }) => ({
    label: `${name} ${version}`,
    trials,
    unnoticed: String(unnoticed),
  }));
}

function byKind(evaluations: readonly Evaluation[]): readonly Row[] {
  const trials = evaluations.flatMap((evaluation) => evaluation.trials);
  return [...new Set(trials.map((trial) => trial.kind))]
    .sort()
    .map((kind) => ({ label: kind, trials: trials.filter((trial) => trial.kind === kind), unnoticed: "" }));
}

function table(first: string, rows: readonly Row[]): string {
  const withUnnoticed = rows.some((row) => row.unnoticed !== "");
  const total: Row = {
    label: "**all**",
    trials: rows.flatMap((row) => row.trials),
    unnoticed: withUnnoticed ? String(rows.reduce((sum, row) => sum + Number(row.unnoticed), 0)) : "",
  };
  const head = [
    first,
    "bugs",
    "repaired",
    "share",
    "same code",
    "median turns",
    ...(withUnnoticed ? ["unnoticed by tests"] : []),
  ];
  const lines = [...rows, total].map(({ label, trials, unnoticed }) => {
    const repaired = trials.filter((trial) => trial.outcome === "repaired");
    const cells = [
      label,
      trials.length,
      repaired.length,
      percent(repaired.length, trials.length),
      repaired.filter((trial) => trial.same).length,
      median(trials.map((trial) => trial.turns)),
    ];
    return `| ${[...cells, ...(withUnnoticed ? [unnoticed] : [])].join(" | ")} |`;
  });
  return [`| ${head.join(" | ")} |`, `|${head.map(() => " --- |").join("")}`, ...lines].join("\n");
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${Math.round((100 * part) / whole)}%`;
}

function median(numbers: readonly number[]): number | string {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? "-";
}

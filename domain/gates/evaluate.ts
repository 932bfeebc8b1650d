import type { GateResult, RunEventData, Review, TestReport } from "../../contracts/run-events.ts";
import type { RunMode } from "../../contracts/run.ts";
import { describeTests } from "../run/test-results.ts";
import { testVerdict } from "./tests.ts";
import type { PolicyViolation } from "../policy/types.ts";

type Evidence = GateResult["evidence"][number];

function evidence(label: string, value: string, url: string | null = null): Evidence {
  return { label, value, url };
}

/** G0 intake: the request can be worked on, and each repository has files at its base commit. */
export function intakeGate(input: {
  readonly promptCharacters: number;
  readonly repositories: readonly { readonly name: string; readonly baseCommit: string; readonly fileCount: number }[];
}): GateResult {
  const hasFiles = input.repositories.every(({ fileCount }) => fileCount > 0);
  return {
    gate: "G0",
    status: input.promptCharacters > 0 && hasFiles ? "pass" : "fail",
    evidence: input.repositories.flatMap(({ baseCommit, fileCount, name }) => [
      evidence("Repository", name),
      evidence("Base commit", baseCommit),
      evidence("Files", String(fileCount)),
    ]),
  };
}

/** G1 architecture: scope and acceptance criteria are settled before any patch. Only modes with an architect have it. */
export function architectureGate(
  mode: RunMode,
  settled?: { readonly scope: number; readonly acceptanceCriteria: number },
): GateResult {
  if (settled === undefined)
    return { gate: "G1", status: "skipped", evidence: [evidence("Mode", `${mode} has no architect stage`)] };
  return {
    gate: "G1",
    status: settled.scope > 0 && settled.acceptanceCriteria > 0 ? "pass" : "fail",
    evidence: [
      evidence("In scope", String(settled.scope)),
      evidence("Acceptance criteria", String(settled.acceptanceCriteria)),
    ],
  };
}

/** G2 patch integrity: the hash was recomputed and the patch set fits its base tree. */
export function integrityGate(hash: string, files: number, problems: readonly string[]): GateResult {
  return {
    gate: "G2",
    status: problems.length === 0 && files > 0 ? "pass" : "fail",
    evidence: [
      evidence("Content hash", hash),
      evidence("Files", String(files)),
      ...problems.slice(0, 20).map((problem) => evidence("Problem", problem)),
    ],
  };
}

/** G3 policy: nothing blocks. */
export function policyGate(violations: readonly PolicyViolation[]): GateResult {
  const block = violations.filter((violation) => violation.severity === "BLOCK");
  return {
    gate: "G3",
    status: block.length === 0 ? "pass" : "fail",
    evidence: [
      evidence("BLOCK", String(block.length)),
      evidence("WARN", String(violations.length - block.length)),
      ...block
        .slice(0, 10)
        .map((violation) => evidence(violation.rule, `${violation.path ?? "the patch set"}: ${violation.message}`)),
    ],
  };
}

/** G4 tests and review: tests pass after the patch, a bug fix's regression test fails before it, the reviewer has spoken. */
export function qualityGate(
  mode: RunMode,
  tests: TestReport | undefined,
  review: Review | undefined,
  isProvenElsewhere: boolean = false,
): GateResult {
  const list: Evidence[] = [];
  const verdict = testVerdict(mode, tests, isProvenElsewhere);
  if (tests?.command != null) list.push(evidence("Test command", tests.command));
  else list.push(evidence("Tests", "The repository has no test command; nothing was run."));
  if (tests?.before != null) list.push(evidence("Before the patch", exitText(tests.before.exitCode)));
  if (tests?.after != null) list.push(evidence("After the patch", exitText(tests.after.exitCode)));
  if (tests?.cases != null) list.push(evidence("Tests that changed", describeTests(tests.cases)));
  if (tests?.regression != null) {
    list.push(
      evidence(
        "Regression test on the base",
        `${tests.regression.failedOnBase ? "fails, as it must" : "does not fail"} (${tests.regression.paths.join(", ")})`,
      ),
    );
  }
  if (review !== undefined)
    list.push(
      evidence(
        "Review",
        `${review.verdict === "approve" ? "approved" : "sent back"}, ${review.findings.length} findings`,
      ),
    );
  if (verdict === "skipped") return { gate: "G4", status: "skipped", evidence: list };
  return { gate: "G4", status: verdict, evidence: list };
}

/** G5 CI: every workflow run of the pull request's head ended well. No CI at all skips it. */
export function ciGate(runs: readonly RunEventData<"ci.updated">[]): GateResult {
  if (runs.length === 0)
    return { gate: "G5", status: "skipped", evidence: [evidence("CI", "No workflow ran for this commit.")] };
  return {
    gate: "G5",
    status: runs.every((run) => ciOutcome(run) === "passed") ? "pass" : "fail",
    evidence: runs.map((run) => evidence(run.name, run.conclusion ?? run.status, run.url)),
  };
}

/** Whether a workflow run is still going, passed (success, neutral, skipped) or failed. */
export function ciOutcome(
  run: Pick<RunEventData<"ci.updated">, "status" | "conclusion">,
): "running" | "passed" | "failed" {
  if (run.status !== "completed") return "running";
  return ["success", "neutral", "skipped"].includes(run.conclusion ?? "") ? "passed" : "failed";
}

function exitText(exitCode: number): string {
  return exitCode === 0 ? "pass" : `fail (exit code ${exitCode})`;
}

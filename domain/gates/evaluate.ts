import type { GateResult, Review, TestReport } from "../../contracts/run-events.ts";
import type { RunMode } from "../../contracts/run.ts";
import { suiteText } from "../../contracts/test-words.ts";
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

/**
 * G4 tests and review: the base's own tests and the patch's pass after the patch, a bug fix's regression test fails before it, the
 * reviewer has spoken. It is skipped, with the reason, where tests can't tell: then a person decides.
 */
export function qualityGate(
  mode: RunMode,
  tests: TestReport | undefined,
  review: Review | undefined,
  isProvenElsewhere: boolean = false,
): GateResult {
  const { reasons, status } = testVerdict(mode, tests, isProvenElsewhere);
  const doubt = { pass: "Proof", fail: "At fault", not_proven: "Not proven", not_run: "Not run" } as const;
  const list: Evidence[] = reasons.map((reason) => evidence(doubt[status], reason));
  if (status === "not_proven" || status === "not_run")
    list.push(evidence("Decision", "Tests don't prove this change. A person decides whether it is right."));
  if (tests !== undefined) list.push(...testEvidence(tests));
  if (review !== undefined)
    list.push(
      evidence(
        "Review",
        `${review.verdict === "approve" ? "approved" : "sent back"}, ${review.findings.length} findings`,
      ),
    );
  return { gate: "G4", status: status === "pass" || status === "fail" ? status : "skipped", evidence: list };
}

function testEvidence({ after, before, cases, command, held, regression }: TestReport): readonly Evidence[] {
  const list: Evidence[] = [];
  if (command !== null) list.push(evidence("Test command", command));
  if (before !== null) list.push(evidence("Before the patch", suiteText(before)));
  if (after !== null) list.push(evidence("After the patch", suiteText(after)));
  if (held !== null)
    list.push(evidence("The base's own tests against the patch", `${suiteText(held)}${leftOutText(held.leftOut)}`));
  if (cases !== null) list.push(evidence("Tests that changed", describeTests(cases)));
  if (regression !== null)
    list.push(
      evidence(
        "Regression test on the base",
        `${regression.failedOnBase ? "fails, as it must" : "does not fail"} (${regression.paths.join(", ")})`,
      ),
    );
  return list;
}

function leftOutText(leftOut: readonly string[]): string {
  return leftOut.length === 0 ? "" : `, without the patch's changes to ${leftOut.slice(0, 10).join(", ")}`;
}

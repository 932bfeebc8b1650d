import type { GateResult, RunEventData } from "../../contracts/run-events.ts";

/** A check on a commit, as it was last read. */
export type Check = RunEventData<"ci.updated">;
/** A check that the base branch demands before a merge. */
export type RequiredCheck = RunEventData<"ci.required">["checks"][number];

/**
 * A check's meaning for the commit: `running` until it has ended, `passed`, `failed`, `asks` where the forge waits for a person,
 * `skipped` where the check found nothing to do, and `uncounted` where it says nothing of the commit: cancelled, out of date, or
 * superseded by a newer run of the same check.
 */
export type CheckClass = "running" | "passed" | "failed" | "asks" | "skipped" | "uncounted";

/** The checks of a commit taken together; `none`: no check says anything of it, which is not the same as passed. */
export type CiVerdict = "none" | "waiting" | "missing" | "passed" | "failed" | "asks";

const classes: Readonly<Record<string, CheckClass>> = {
  success: "passed",
  neutral: "skipped",
  skipped: "skipped",
  cancelled: "uncounted",
  stale: "uncounted",
  action_required: "asks",
};

/** The class of one check. A conclusion that is not known counts as a failure: nothing passes by not being understood. */
export function checkClass(check: Pick<Check, "status" | "conclusion" | "isSuperseded">): CheckClass {
  if (check.isSuperseded) return "uncounted";
  if (check.status !== "completed") return "running";
  return classes[check.conclusion ?? ""] ?? "failed";
}

/** The checks that count: jobs only where the branch demands them by name, since their workflow speaks for the others. */
export function countedChecks(checks: readonly Check[], required: readonly RequiredCheck[]): readonly Check[] {
  return checks.filter((check) => check.source !== "job" || required.some((each) => isThatCheck(check, each)));
}

/** The required checks that no check of the commit answers. */
export function missingChecks(checks: readonly Check[], required: readonly RequiredCheck[]): readonly RequiredCheck[] {
  return required.filter((each) => !checks.some((check) => !check.isSuperseded && isThatCheck(check, each)));
}

/**
 * The verdict over a commit's checks. As long as one runs it is `waiting`; then one failure makes it `failed`. A check that waits for a
 * person, a required one that was cancelled or went out of date, and checks that were all cancelled make it `asks`; a required one that has not
 * reported makes it `missing`.
 */
export function ciVerdict(checks: readonly Check[], required: readonly RequiredCheck[]): CiVerdict {
  const counted = countedChecks(checks, required);
  const found = counted.map(checkClass);
  if (found.includes("running")) return "waiting";
  if (found.includes("failed")) return "failed";
  if (found.includes("asks") || required.some((each) => isRequiredOut(counted, each))) return "asks";
  if (missingChecks(counted, required).length > 0) return "missing";
  if (found.includes("passed") || (required.length > 0 && found.includes("skipped"))) return "passed";
  return counted.some((check) => !check.isSuperseded && checkClass(check) === "uncounted") ? "asks" : "none";
}

/** Gate G5: every check of the commit ended well. No check at all skips it, which is not a pass. */
export function ciGate(checks: readonly Check[], required: readonly RequiredCheck[]): GateResult {
  const verdict = ciVerdict(checks, required);
  const evidence = [
    ...countedChecks(checks, required).map((check) => ({
      label: check.name,
      value: check.isSuperseded ? "superseded by a newer run" : wordsOf(check),
      url: check.url,
    })),
    ...missingChecks(checks, required).map(({ name }) => ({
      label: name,
      value: "required, has not reported",
      url: null,
    })),
  ];
  if (verdict === "none")
    return {
      gate: "G5",
      status: "skipped",
      evidence: [{ label: "CI", value: noChecksText(evidence.length), url: null }, ...evidence],
    };
  return { gate: "G5", status: verdict === "passed" ? "pass" : "fail", evidence };
}

/** The checks that a person has to act on, named with what the forge says of them: `deploy (action required)`. */
export function askingChecks(checks: readonly Check[], required: readonly RequiredCheck[]): readonly string[] {
  const counted = countedChecks(checks, required).filter((check) => !check.isSuperseded);
  return counted
    .filter((check) => checkClass(check) === "asks" || checkClass(check) === "uncounted")
    .map((check) => `${check.name} (${wordsOf(check)})`);
}

function noChecksText(found: number): string {
  return found === 0 ? "No checks are configured for this commit." : "No check had anything to do for this commit.";
}

function wordsOf({ conclusion, status }: Check): string {
  return (conclusion ?? status).replaceAll("_", " ");
}

/** A required check that ended without a word on the commit: the forge won't merge, and nothing will change by waiting. */
function isRequiredOut(checks: readonly Check[], required: RequiredCheck): boolean {
  const own = checks.filter((check) => !check.isSuperseded && isThatCheck(check, required));
  return own.length > 0 && own.every((check) => checkClass(check) === "uncounted");
}

/** Branch rules name a check run, a job or a status by its context, and may hold it to one app. */
function isThatCheck(check: Check, required: RequiredCheck): boolean {
  if (check.source === "workflow_run" || check.name !== required.name) return false;
  return required.appId === null || check.appId === null || check.appId === required.appId;
}

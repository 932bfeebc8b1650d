import { describe, expect, it } from "vitest";
import { runModes, stages, startRunSchema, type RunMode } from "../../../contracts/run.ts";
import { testVerdict } from "../../../domain/gates/tests.ts";
import { resolvePrompt } from "../../../domain/instruction/prompts.ts";
import { ticketTypes } from "../../../contracts/project.ts";
import { hasStage, modeOfTicket, modes } from "../../../domain/run/modes.ts";
import { nextStep } from "../../../domain/run/next.ts";
import { authorState, moves, stageState } from "../../../domain/run/table.ts";
import { emptyView } from "../../../domain/run/view.ts";
import { permissions } from "../../../domain/tenancy/permissions.ts";
import { provenReport } from "../../fakes/test-report.ts";

const request = { projectId: "1", repositoryId: "1", model: "m", prompt: "Do it" };

function promptOf(mode: RunMode, stage: "coder" | "reviewer"): string {
  const [first] = resolvePrompt(stage, {
    mode,
    prompt: "p",
    repositories: [{ owner: "o", name: "n", baseBranch: "main", folder: "", testCommand: null }],
    isChoiceOpen: false,
    ticket: null,
    allowedPaths: null,
    instructions: [],
    artifacts: [],
  });
  return first?.text ?? "";
}

/** The paths of a start request's fields that are refused. */
function refused(body: Readonly<Record<string, unknown>>): readonly string[] {
  const parsed = startRunSchema.safeParse({ ...request, ...body });
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join("."));
}

describe.each(runModes)("the mode %s", (mode) => {
  const { apply, author, needsRegressionTest, permissions: needed, product, request: form, start } = modes[mode];

  it("has an author that is one of its stages, and requests for changes go back to it", () => {
    expect(hasStage(mode, author)).toBe(true);
    expect(stages.filter((stage) => hasStage(mode, stage))).toEqual(modes[mode].stages);
    const back = moves[mode].filter(
      ({ from, trigger }) => from === "WAITING_APPROVAL" && trigger === "changes_requested",
    );
    expect(back).toEqual([{ from: "WAITING_APPROVAL", trigger: "changes_requested", to: stageState[author] }]);
    expect(authorState(mode)).toBe(stageState[author]);
  });

  it("applies an approved product by the step that its record names", () => {
    const created = { mode } as NonNullable<(typeof emptyView)["created"]>;
    const step = nextStep({ ...emptyView, created, mode, state: "APPLYING" }, 0);
    const steps = { patch_set: "write_patch_set", plan: "create_tickets", review: "post_review" };
    expect(apply).toBe(steps[product]);
    // Without a lane there is nothing to write.
    expect(step.kind).toBe(apply === "write_patch_set" ? "end_delivery" : apply);
  });

  it("takes a pull request or a base branch as its record says, and nothing else", () => {
    expect(form.pullRequest).toBe(start === "pull_request");
    const own = form.pullRequest ? { pullRequestNumber: 7 } : {};
    expect(refused({ mode, ...own })).toEqual([]);
    expect(refused({ mode, ...(form.pullRequest ? {} : { pullRequestNumber: 7 }) })).toEqual(["pullRequestNumber"]);
    expect(refused({ mode, ...own, baseBranch: "main" })).toEqual(form.baseBranch ? [] : ["baseBranch"]);
    expect(refused({ mode, ...own, constraints: { tools: ["read_file"] } })).toEqual(
      form.changesFiles ? ["constraints.tools"] : [],
    );
    expect(form.changesFiles).toBe(product === "patch_set");
  });

  it("asks for a failing test first exactly when it needs a regression test", () => {
    expect(testVerdict(mode, provenReport({})).status).toBe(needsRegressionTest ? "fail" : "pass");
    expect(promptOf(mode, "coder").includes("first write or find a test that fails")).toBe(needsRegressionTest);
  });

  it("shows its reviewer a pull request only when the run starts from one", () => {
    expect(promptOf(mode, "reviewer").includes("somebody's pull request")).toBe(start === "pull_request");
  });

  it("opens reviews to qa, and everything that changes files or the board to dev", () => {
    const least = product === "review" ? "qa" : "dev";
    expect([permissions[needed.start].role, permissions[needed.steer].role]).toEqual([least, least]);
  });
});

describe("a ticket", () => {
  it("is worked on in the one mode that names its type", () => {
    expect(Object.fromEntries(ticketTypes.map((type) => [type, modeOfTicket(type)]))).toEqual({
      epic: "implement",
      story: "implement",
      task: "implement",
      bug: "bugfix",
    });
    const named = runModes.flatMap((mode) => modes[mode].ticketTypes);
    expect(named.toSorted()).toEqual([...ticketTypes].toSorted());
  });
});

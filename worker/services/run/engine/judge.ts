import { applyProblems } from "../../../../domain/patch-set/apply-check.ts";
import { sortChanges } from "../../../../domain/patch-set/content-hash.ts";
import { readContent, type ReadContent } from "../../../../domain/patch-set/content.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import { evaluatePolicy } from "../../../../domain/policy/evaluate.ts";
import { defaultPolicy, type PolicyInput, type PolicyViolation } from "../../../../domain/policy/types.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { rootPath } from "../../../../domain/run/lanes.ts";
import type { ForgeTreeEntry } from "../../../ports/forge.ts";
import { sidesOf } from "../../../../domain/run/held-changes.ts";
import { testFindings } from "../../../../domain/gates/test-findings.ts";
import { allowedPathsText, forbiddenChanges } from "./constraints.ts";
import type { StepContext } from "./deps.ts";
import { repositoryOf } from "./run-spec.ts";
import { isTooLargeToShow, loadBaseBlobs } from "./base-blobs.ts";
import { baseCommitOf } from "./workspace.ts";

/** A lane's changes and everything that policy finds in them. */
export interface Judgement {
  readonly inputs: readonly PolicyInput[];
  /** Why the changes can't be applied to the base commit's tree; empty when they can. */
  readonly problems: readonly string[];
  readonly violations: readonly PolicyViolation[];
  /** Base contents that the journal lacked, by git blob id. */
  readonly baseBlobs: ReadonlyMap<string, Uint8Array>;
}

/** Judges a lane's changes from their bytes against its base commit. Throws PortError when the forge can't be read. */
export async function judgeChanges(
  context: StepContext,
  lane: LaneView,
  changes: readonly TreeChange[],
): Promise<Judgement> {
  const { deps, journal } = context;
  const baseBlobs = await loadBaseBlobs(context, lane, changes);
  const tree = await deps.forge.getTree(repositoryOf(journal.spec, lane.id), baseCommitOf(lane));
  const inputs = sortChanges(changes).map((change) => ({
    change,
    before: baseContent(context, baseBlobs, change),
    after: change.bytes === undefined ? undefined : readContent(change.bytes),
  }));
  const problems = applyProblems(changes, filesOf(tree));
  const sides = sidesOf(sortChanges(changes), (blob) => baseBlobs.get(blob) ?? journal.baseBlob(blob));
  const violations = [
    ...violationsOf(context, lane, inputs, problems),
    ...notShown(inputs, tree),
    // Weakened tests are named here too, since a repository without a test command has no other report.
    ...testFindings(sides).map(({ kind, line, message, path }) => ({
      rule: kind,
      severity: "WARN" as const,
      path,
      line,
      message,
    })),
  ];
  return { inputs, problems, baseBlobs, violations };
}

/** Why a lane's changes can't be applied to its base commit's tree; empty when they can. Throws PortError. */
export async function applyProblemsOf(
  { deps, journal }: Pick<StepContext, "deps" | "journal">,
  lane: LaneView,
  changes: readonly TreeChange[],
): Promise<readonly string[]> {
  const tree = await deps.forge.getTree(repositoryOf(journal.spec, lane.id), baseCommitOf(lane));
  return applyProblems(changes, filesOf(tree));
}

/** Content of the base that is too large to be read and shown, as a fact for the person who decides. */
function notShown(inputs: readonly PolicyInput[], tree: readonly ForgeTreeEntry[]): readonly PolicyViolation[] {
  const paths = new Set(inputs.flatMap(({ change }) => (change.beforeBlob === undefined ? [] : [change.path])));
  return tree
    .filter((entry) => paths.has(entry.path) && isTooLargeToShow(entry))
    .map(({ path, sizeBytes }) => ({
      rule: "not-shown",
      severity: "WARN" as const,
      path,
      line: null,
      message: `The content before the change has ${String(sizeBytes)} bytes, too many to be shown; the hash covers it.`,
    }));
}

function violationsOf(
  { journal }: StepContext,
  lane: LaneView,
  inputs: readonly PolicyInput[],
  problems: readonly string[],
): readonly PolicyViolation[] {
  const view = journal.view();
  const block = (rule: string, path: string | null, message: string): PolicyViolation => ({
    rule,
    severity: "BLOCK",
    path,
    line: null,
    message,
  });
  const paths = inputs.map(({ change }) => change.path);
  const outside = new Set(
    forbiddenChanges(
      view,
      paths.map((path) => rootPath(lane, path)),
    ),
  );
  return [
    ...problems.map((problem) => block("patch-integrity", null, problem)),
    ...paths
      .filter((path) => outside.has(rootPath(lane, path)))
      .map((path) => block("allowed-paths", path, `The run may change only: ${allowedPathsText(view)}.`)),
    ...evaluatePolicy(defaultPolicy, inputs),
  ];
}

function baseContent(
  { journal }: StepContext,
  baseBlobs: ReadonlyMap<string, Uint8Array>,
  { beforeBlob }: TreeChange,
): ReadContent | undefined {
  if (beforeBlob === undefined) return undefined;
  const bytes = baseBlobs.get(beforeBlob) ?? journal.baseBlob(beforeBlob);
  return bytes === undefined ? undefined : readContent(bytes);
}

function filesOf(tree: readonly ForgeTreeEntry[]): readonly ForgeTreeEntry[] {
  return tree.filter((entry) => entry.type !== "tree");
}

import { applyProblems } from "../../../../domain/patch-set/apply-check.ts";
import { sortChanges } from "../../../../domain/patch-set/content-hash.ts";
import { asText } from "../../../../domain/patch-set/text.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import { evaluatePolicy } from "../../../../domain/policy/evaluate.ts";
import { defaultPolicy, type PolicyInput, type PolicyViolation } from "../../../../domain/policy/types.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { rootPath } from "../../../../domain/run/lanes.ts";
import type { ForgeTreeEntry } from "../../../ports/forge.ts";
import { allowedPathsText, forbiddenChanges } from "./constraints.ts";
import type { StepContext } from "./deps.ts";
import { repositoryOf } from "./run-spec.ts";
import { baseCommitOf, loadBaseBlobs } from "./workspace.ts";

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
    beforeText: baseText(context, baseBlobs, change),
    afterText: change.bytes === undefined ? undefined : asText(change.bytes),
  }));
  const problems = applyProblems(changes, filesOf(tree));
  return { inputs, problems, baseBlobs, violations: violationsOf(context, lane, inputs, problems) };
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

function baseText(
  { journal }: StepContext,
  baseBlobs: ReadonlyMap<string, Uint8Array>,
  { beforeBlob }: TreeChange,
): string | undefined {
  if (beforeBlob === undefined) return undefined;
  const bytes = baseBlobs.get(beforeBlob) ?? journal.baseBlob(beforeBlob);
  return bytes === undefined ? undefined : asText(bytes);
}

function filesOf(tree: readonly ForgeTreeEntry[]): readonly ForgeTreeEntry[] {
  return tree.filter((entry) => entry.type !== "tree");
}

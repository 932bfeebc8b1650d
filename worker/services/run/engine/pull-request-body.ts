import type { Companion } from "../../../../contracts/lane.ts";
import type { PullRequestText } from "../../../../contracts/pull-request.ts";
import { inlineMarkdown, lawfulTitle } from "../../../../domain/text/forge-text.ts";
import type { RunView } from "../../../../domain/run/fold.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { findLane } from "../../../../domain/run/lanes.ts";
import type { RunSpec } from "../../../ports/run-host.ts";
import { pullRequestText } from "../../patch-set/pull-request-text.ts";

/**
 * A lane's pull request text after its summary: the links to the other pull requests, then the evidence. The same view gives the same
 * text.
 */
export function pullRequestEvidence(spec: RunSpec, view: RunView, lane: LaneView): string {
  const { approval, patchSet } = lane;
  const gates = Object.values({ ...view.gates, ...lane.gates }).map(
    (gate) =>
      `| ${gate.gate} | ${gate.status} | ${gate.evidence.map(({ label, value }) => `${label}: ${cell(value)}`).join("<br>")} |`,
  );
  return [
    "",
    ...links(view, patchSet?.companions ?? []),
    "",
    "---",
    `Run ${spec.runId}${spec.ticket === null ? "" : ` for ${spec.ticket.key}`} · approved by ${cell(approval?.by.name ?? "the person who approves it")} · patch set \`${patchSet?.hash ?? ""}\``,
    "",
    "| gate | result | evidence |",
    "| --- | --- | --- |",
    ...gates,
  ].join("\n");
}

/**
 * The pull request of the newest patch set of these bytes as the write gate would write it now; undefined when no lane has that patch set.
 * The approver's name and the numbers of pull requests that are not open yet come with the write.
 */
export function pullRequestPreview(spec: RunSpec, view: RunView, hash: string): PullRequestText | undefined {
  const lane = view.lanes.find(({ patchSet }) => patchSet?.hash === hash);
  if (lane?.patchSet === undefined) return undefined;
  const body = pullRequestText({ text: lane.patchSet, evidence: pullRequestEvidence(spec, view, lane) });
  return { title: lawfulTitle(lane.patchSet.title), body };
}

const orderText: Readonly<Record<Companion["merge"], string>> = {
  before: "merge it first",
  after: "it waits for this one",
  beside: "in any order",
};

function links(view: RunView, companions: readonly Companion[]): readonly string[] {
  if (companions.length === 0) return [];
  return [
    "",
    "Part of one change over several repositories:",
    "",
    ...companions.map((companion) => `- ${reference(view, companion)}: ${orderText[companion.merge]}`),
  ];
}

function reference(view: RunView, { name, owner, repositoryId }: Companion): string {
  const pull = findLane(view, repositoryId)?.pullRequest;
  if (pull === undefined) return `${owner}/${name} (its pull request follows)`;
  // The name out of the forge's own address: the one that the run began with may belong to another repository now.
  const named = /\/([^/]+\/[^/]+)\/pull\/\d+$/u.exec(pull.url)?.[1] ?? `${owner}/${name}`;
  return `${named}#${pull.number}`;
}

function cell(value: string): string {
  return inlineMarkdown(value, 200);
}

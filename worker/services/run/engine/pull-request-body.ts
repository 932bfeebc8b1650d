import type { Companion } from "../../../../contracts/lane.ts";
import type { RunView } from "../../../../domain/run/fold.ts";
import type { LaneView } from "../../../../domain/run/lane-view.ts";
import { findLane } from "../../../../domain/run/lanes.ts";
import type { RunSpec } from "../../../ports/run-host.ts";

/** A lane's pull request text: the summary, the links to the other pull requests, then the evidence. The same view gives the same text. */
export function pullRequestBody(spec: RunSpec, view: RunView, lane: LaneView): string {
  const { approval, patchSet } = lane;
  const gates = Object.values({ ...view.gates, ...lane.gates }).map(
    (gate) =>
      `| ${gate.gate} | ${gate.status} | ${gate.evidence.map(({ label, value }) => `${label}: ${cell(value)}`).join("<br>")} |`,
  );
  return [
    patchSet?.summary ?? "",
    ...links(view, patchSet?.companions ?? []),
    "",
    "---",
    `Run ${spec.runId}${spec.ticket === null ? "" : ` for ${spec.ticket.key}`} · approved by ${approval?.by.name ?? "nobody"} · patch set \`${patchSet?.hash ?? ""}\``,
    "",
    "| gate | result | evidence |",
    "| --- | --- | --- |",
    ...gates,
  ].join("\n");
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
  return pull === undefined ? `${owner}/${name} (its pull request follows)` : `${owner}/${name}#${pull.number}`;
}

function cell(value: string): string {
  return value.replaceAll("|", "\\|").replaceAll("\n", " ").slice(0, 200);
}

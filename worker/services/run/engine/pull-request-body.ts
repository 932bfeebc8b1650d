import type { RunView } from "../../../../domain/run/fold.ts";
import type { RunSpec } from "../../../ports/run-host.ts";

/** The pull request's text: what was done, then the evidence. The same view gives the same text. */
export function pullRequestBody(spec: RunSpec, view: RunView): string {
  const { patchSet } = view;
  const gates = Object.values(view.gates).map(
    (gate) =>
      `| ${gate.gate} | ${gate.status} | ${gate.evidence.map(({ label, value }) => `${label}: ${cell(value)}`).join("<br>")} |`,
  );
  return [
    patchSet?.summary ?? "",
    "",
    "---",
    `Run ${spec.runId}${spec.ticket === null ? "" : ` for ${spec.ticket.key}`} · approved by ${view.approval?.by.name ?? "nobody"} · patch set \`${patchSet?.hash ?? ""}\``,
    "",
    "| gate | result | evidence |",
    "| --- | --- | --- |",
    ...gates,
  ].join("\n");
}

function cell(value: string): string {
  return value.replaceAll("|", "\\|").replaceAll("\n", " ").slice(0, 200);
}

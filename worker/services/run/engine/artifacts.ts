import type { Artifact, NewRunEvent } from "../../../../contracts/run-events.ts";
import type { RunView } from "../../../../domain/run/fold.ts";
import type { SubmitArchitectureInput, SubmitTriageInput } from "../tools/definitions/stage-ends.ts";

/** The event that keeps an artifact, as the next version of its kind. */
export function artifactEvent(
  view: RunView,
  artifact: Omit<Artifact, "version">,
): Extract<NewRunEvent, { type: "artifact.created" }> {
  return {
    type: "artifact.created",
    data: { ...artifact, version: (view.artifacts[artifact.kind]?.version ?? 0) + 1 },
  };
}

const bullets = (items: readonly string[]): string => items.map((item) => `- ${item}`).join("\n");

/** The triage decision as a document. */
export function decisionArtifact(input: SubmitTriageInput): Omit<Artifact, "version"> {
  return {
    kind: "decision",
    title: `Triage: ${input.decision}`,
    markdown: `**${input.decision}**\n\n${bullets(input.reasons)}`,
    data: { ...input },
  };
}

/** Architecture and scope as two documents. */
export function architectureArtifacts(input: SubmitArchitectureInput): readonly Omit<Artifact, "version">[] {
  const { acceptance_criteria: acceptanceCriteria, architecture, non_goals: nonGoals, scope, title } = input;
  const parts = [
    "## Scope",
    bullets(scope),
    "## Non-goals",
    nonGoals.length === 0 ? "None named." : bullets(nonGoals),
    "## Acceptance criteria",
    bullets(acceptanceCriteria),
  ];
  return [
    { kind: "architecture", title, markdown: architecture, data: { title, architecture } },
    {
      kind: "scope",
      title: `Scope of ${title}`,
      markdown: parts.join("\n\n"),
      data: { scope, nonGoals, acceptanceCriteria },
    },
  ];
}

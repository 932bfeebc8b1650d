import type { Plan, PlanTask } from "../../contracts/plan.ts";
import type { Artifact } from "../../contracts/run-events.ts";

/** The plan as a document; items are numbered from 0, as dependencies and parents name them. */
export function planArtifact(plan: Plan): Omit<Artifact, "version"> {
  const tasks = plan.tasks.map((task, index) => {
    const after = task.depends_on.length === 0 ? "" : ` (after ${task.depends_on.join(", ")})`;
    const criteria = task.acceptance_criteria.map((item) => `- ${item}`).join("\n");
    return [`### ${index}. ${task.title}${after}`, facts(task), task.description, criteria]
      .filter((part) => part !== "")
      .join("\n\n");
  });
  return { kind: "plan", title: "Plan", markdown: [plan.summary, ...tasks].join("\n\n"), data: { ...plan } };
}

/** The facts of an item that has more than plans of earlier days had, in one line; "" for one that has none. */
function facts({ labels = [], owner_role: role, parent, priority, repository, stage, type }: PlanTask): string {
  const known = [
    parent === undefined ? "" : `part of ${parent}`,
    role === undefined ? "" : `owner ${role}`,
    stage === undefined ? "" : `column ${stage}`,
    repository === undefined ? "" : `repository ${repository}`,
    priority === undefined || priority === "none" ? "" : `priority ${priority}`,
    labels.length === 0 ? "" : `labels ${labels.join(", ")}`,
  ].filter((part) => part !== "");
  return known.length === 0 ? "" : `${type}, ${known.join(", ")}`;
}

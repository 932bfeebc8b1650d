import { planTasks } from "../plan/outline.ts";
import { isOwnSource, isTestFile, readListing } from "../repository.ts";
import type { AgentRequest } from "../request.ts";
import { callOne, clip, signature, tool } from "../work.ts";
import type { Work } from "../work.ts";

/** States what can be seen: the parts of the repository, those that the request names, and its outline as the scope. */
export function* architect(request: AgentRequest): Work {
  const files = readListing(
    yield* callOne("I look at the parts of the repository.", tool("list_files", { recursive: true })),
  );
  const sources = files.filter(isOwnSource);
  const words = new Set((request.prompt.match(/[A-Za-z][\w-]{2,}/gu) ?? []).map((word) => word.toLowerCase()));
  const named = sources.filter((path) =>
    path
      .toLowerCase()
      .split(/[^a-z0-9]+/u)
      .some((part) => words.has(part)),
  );
  const tasks = planTasks(request.prompt);
  const list = (paths: readonly string[]): string =>
    paths
      .slice(0, 40)
      .map((path) => `- \`${path}\``)
      .join("\n") || "- none";
  const architecture = [
    "This is what search shows; nothing was weighed, because there is no model behind it.",
    `## Source files (${sources.length})\n\n${list(sources)}`,
    `## Named in the request\n\n${list(named)}`,
    `## Tests (${files.filter(isTestFile).length})\n\n${list(files.filter(isTestFile))}`,
    signature,
  ].join("\n\n");
  const title = tasks.at(0)?.title ?? "The request";
  yield {
    text: "I write down what is there.",
    calls: [
      tool("submit_architecture", {
        title: clip(title, 200),
        architecture: clip(architecture, 40_000),
        scope: tasks.map((task) => clip(task.title, 1000)),
        non_goals: ["Anything that the request does not name."],
        acceptance_criteria: tasks.flatMap((task) => task.acceptance_criteria).slice(0, 50),
      }),
    ],
  };
}

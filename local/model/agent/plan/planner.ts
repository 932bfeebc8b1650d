import type { AgentRequest } from "../request.ts";
import { signature, tool } from "../work.ts";
import type { Work } from "../work.ts";
import { planTasks } from "./outline.ts";

/** Turns the request's own outline into tickets. */
export function* planner(request: AgentRequest): Work {
  const tasks = planTasks(request.prompt).map((task) => ({ ...task }));
  const ordered = tasks.filter((task) => task.depends_on.length > 0).length;
  const summary = [
    `${tasks.length} tickets, ${ordered} of them after others, taken from the outline of the request. The words are the request's own: nothing was thought up.`,
    signature,
  ].join("\n\n");
  yield {
    text: `The request's outline gives ${tasks.length} tickets.`,
    calls: [tool("submit_plan", { summary, tasks })],
  };
}

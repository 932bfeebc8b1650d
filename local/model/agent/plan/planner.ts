import type { AgentRequest } from "../request.ts";
import { signature, tool } from "../work.ts";
import type { Work } from "../work.ts";
import { planTasks } from "./outline.ts";
import { planTree } from "./tree.ts";

/** Turns the request's own outline into tickets: a tree of them where the plan is what was asked for, else a list of tasks. */
export function* planner(request: AgentRequest): Work {
  const isProduct = request.mode?.product === "plan";
  const tasks = isProduct ? planTree(request.prompt, request.folders) : planTasks(request.prompt);
  const ordered = tasks.filter((task) => task.depends_on.length > 0).length;
  const summary = [
    `${tasks.length} tickets, ${ordered} of them after others, taken from the outline of the request. ${isProduct ? "Stories are its own points; each has the usual steps." : "The words are the request's own: nothing was thought up."}`,
    signature,
  ].join("\n\n");
  yield {
    text: `The request's outline gives ${tasks.length} tickets.`,
    calls: [tool("submit_plan", { summary, tasks: tasks.map((task) => ({ ...task })) })],
  };
}

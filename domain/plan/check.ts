import { planLimits } from "../../contracts/plan-names.ts";
import type { Plan, PlanTask } from "../../contracts/plan.ts";
import { ancestorsOf, circleOf, parentTypes } from "./tasks.ts";

/** A repository of the run, as an item of a plan names it. */
export interface PlanRepository {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly folder: string;
}

/** The repository that an item names by its name, its folder, or owner and name; undefined when the run has none of that name. */
export function findRepository<Repository extends PlanRepository>(
  repositories: readonly Repository[],
  named: string,
): Repository | undefined {
  return (
    repositories.find(({ folder }) => folder !== "" && folder === named) ??
    repositories.find(({ name, owner }) => named === name || named === `${owner}/${name}`)
  );
}

/**
 * Why a plan's items can't be made into tickets, in a sentence that says what to do; undefined when they can. Each item stands after its
 * parent and after all that it depends on, so there is no circle.
 */
export function planProblem({ summary, tasks }: Plan, repositories: readonly PlanRepository[]): string | undefined {
  const texts = tasks.reduce((sum, task) => sum + textsOf(task), summary.length);
  if (texts > planLimits.texts)
    return `The plan's texts have ${texts} characters together; ${planLimits.texts} are the most. Shorten descriptions and acceptance criteria.`;
  for (const [index, task] of tasks.entries()) {
    const problem =
      titleProblem(task, index) ??
      parentProblem(tasks, task, index) ??
      dependencyProblem(tasks, task, index) ??
      repositoryProblem(task, index, repositories);
    if (problem !== undefined) return problem;
  }
  const circle = circleOf(tasks);
  return circle === undefined
    ? undefined
    : `These items wait for each other in a circle: ${[...circle, circle[0]].join(" -> ")}. An item waits for all that it depends on and for its parts. Take one of these dependencies out.`;
}

function textsOf({ acceptance_criteria: criteria, description, title }: PlanTask): number {
  return criteria.reduce((sum, text) => sum + text.length, title.length + description.length);
}

const nameOf = (task: PlanTask, index: number): string => `Task ${index} (${JSON.stringify(task.title.slice(0, 60))})`;

function titleProblem(task: PlanTask, index: number): string | undefined {
  return task.title.trim() === "" ? `Task ${index} has an empty title. Give it one.` : undefined;
}

function parentProblem(tasks: readonly PlanTask[], task: PlanTask, index: number): string | undefined {
  const { parent, type } = task;
  if (parent === undefined) return undefined;
  if (parent === index)
    return `${nameOf(task, index)} names itself as its parent. Leave parent out, or name another item.`;
  const above = tasks[parent];
  if (above === undefined)
    return `${nameOf(task, index)} has the parent ${parent}, but the list ends with ${tasks.length - 1}. Name an item of the list.`;
  if (parent > index)
    return `${nameOf(task, index)} has the parent ${parent}, which comes after it. Put the parent first in the list.`;
  const allowed = parentTypes[type];
  if (allowed.includes(above.type)) return undefined;
  return allowed.length === 0
    ? `${nameOf(task, index)} is an epic and can't be part of another item. Leave its parent out.`
    : `${nameOf(task, index)} is a ${type} and can't be part of ${parent}, a ${above.type}: name ${allowed.map((each) => (each === "epic" ? "an epic" : `a ${each}`)).join(" or ")}.`;
}

function dependencyProblem(tasks: readonly PlanTask[], task: PlanTask, index: number): string | undefined {
  for (const other of task.depends_on) {
    if (other === index) return `${nameOf(task, index)} depends on itself. Take ${index} out of its depends_on.`;
    if (tasks[other] === undefined)
      return `${nameOf(task, index)} depends on ${other}, but the list ends with ${tasks.length - 1}. Name an item of the list.`;
    if (other > index)
      return `${nameOf(task, index)} depends on ${other}, which is not an earlier task of the list. Put ${other} before it; where they wait for each other, take one of the two dependencies out.`;
    if (ancestorsOf(tasks, index).includes(other))
      return `${nameOf(task, index)} depends on ${other}, which it is part of. Take ${other} out of its depends_on: an item is done after its parts.`;
  }
  return undefined;
}

function repositoryProblem(task: PlanTask, index: number, repositories: readonly PlanRepository[]): string | undefined {
  const { repository } = task;
  if (repository === undefined || findRepository(repositories, repository) !== undefined) return undefined;
  const names = repositories.map(({ folder, name }) => (folder === "" ? name : folder)).join(", ");
  return `${nameOf(task, index)} names the repository ${JSON.stringify(repository)}, which this run does not have. Name one of: ${names}; or leave it out for the first one.`;
}

import { clip } from "../work.ts";
import { criterion, planTasks, title, type Task } from "./outline.ts";

/** More stories than these, with their tasks, do not fit into one plan: their points become tasks of one story. */
const mostStories = 12;

/**
 * Turns a request into an epic, a story for each point of its outline, and the steps of each story as its tasks; a request with one point is
 * one story with its steps.
 *
 * @param folders the folders of the run's repositories; a point that names one belongs to it
 */
export function planTree(prompt: string, folders: readonly string[]): readonly Task[] {
  const points = planTasks(prompt);
  const [first] = points;
  // One point alone is a story with its steps already.
  if (first?.type === "story")
    return points.map((task, index) => (index === 0 ? { ...task, ...owned("pm") } : step(task, 0)));
  const epic: Task = {
    title: title(prompt.split("\n").find((line) => line.trim() !== "") ?? "The request"),
    type: "epic",
    description: clip(prompt, 20_000),
    acceptance_criteria: ["All of its stories are done."],
    depends_on: [],
    ...owned("pm"),
  };
  if (points.length > mostStories) return [epic, ...points.slice(0, 59).map((point) => moved(point, 0, 1))];
  const tasks: Task[] = [epic];
  const storyOf: number[] = [];
  for (const point of points) {
    const story = tasks.length;
    const folder = folders.find((name) => point.description.includes(name));
    const place = folder === undefined ? {} : { repository: folder };
    storyOf.push(story);
    tasks.push({
      ...point,
      type: "story",
      depends_on: point.depends_on.flatMap((other) => storyOf[other] ?? []),
      parent: 0,
      ...owned("pm"),
      ...place,
    });
    tasks.push(...steps(point, story).map((task) => ({ ...task, ...place })));
  }
  return tasks;
}

/** The steps of a story: it is built, then tested and told about. */
function steps(point: Task, story: number): readonly Task[] {
  const name = (word: string): string => clip(`${word}: ${point.title}`, 200);
  const common = { depends_on: [story + 1], parent: story } as const;
  return [
    {
      title: name(point.type === "bug" ? "Fix" : "Build"),
      type: point.type === "bug" ? "bug" : "task",
      description: point.description,
      acceptance_criteria: [criterion(point.description)],
      depends_on: [],
      parent: story,
      ...owned("dev"),
    },
    {
      ...common,
      title: name("Test"),
      type: "task",
      description: "Cover the new behaviour and its edges.",
      acceptance_criteria: ["A test fails without the change and passes with it."],
      depends_on: [...common.depends_on],
      ...owned("qa"),
    },
    {
      ...common,
      title: name("Document"),
      type: "task",
      description: "Tell its users.",
      acceptance_criteria: ["README or CHANGELOG name it."],
      depends_on: [...common.depends_on],
      ...owned("dev"),
    },
  ];
}

/** A step of the one story, which is not after the story that it is part of. */
function step(task: Task, story: number): Task {
  const isTest = task.title.startsWith("Test:");
  return {
    ...task,
    depends_on: task.depends_on.filter((other) => other !== story),
    parent: story,
    ...owned(isTest ? "qa" : "dev"),
  };
}

/** A task of another list as part of an item of this one, `by` places further on. */
function moved(task: Task, parent: number, by: number): Task {
  return { ...task, depends_on: task.depends_on.map((other) => other + by), parent, ...owned("dev") };
}

function owned(role: "dev" | "pm" | "qa"): Pick<Task, "owner_role"> {
  return { owner_role: role };
}

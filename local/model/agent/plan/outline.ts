import type { ToolInput } from "../tool-inputs.ts";
import { clip } from "../work.ts";

export type Task = ToolInput<"submit_plan">["tasks"][number];

interface Item {
  readonly text: string;
  readonly depth: number;
  readonly numbered: boolean;
  readonly criteria: string[];
}

/**
 * Turns a request into tasks by its outline: headings, bullets and numbers become tasks, nested bullets their acceptance
 * criteria; without a list, sentences and "then" or "and" between verbs do. One thing alone becomes a story with design,
 * implementation, tests and documentation.
 */
export function planTasks(prompt: string): readonly Task[] {
  const items = listItems(prompt);
  const parts = items.length >= 2 ? items : sentences(prompt);
  if (parts.length < 2) return oneStory(prompt);
  return parts.slice(0, 50).map((item, index) => {
    const previous = parts.slice(0, index);
    return {
      title: title(item.text),
      type: kindOf(item.text),
      description: clip(item.text, 20_000),
      acceptance_criteria: (item.criteria.length > 0 ? item.criteria : [criterion(item.text)])
        .slice(0, 30)
        .map((text) => clip(text, 1000)),
      depends_on: dependencies(item, previous, index),
    };
  });
}

function listItems(prompt: string): readonly Item[] {
  const items: Item[] = [];
  for (const line of prompt.split("\n")) {
    const heading = /^#{2,4}\s+(.+)$/u.exec(line)?.[1];
    const bullet = /^(\s*)(?:[-*+]|(\d+)[.)])\s+(?:\[[ x]\]\s*)?(.+)$/u.exec(line);
    if (
      heading !== undefined &&
      !/acceptance|context|goal|scope|constraints|definition of done|test plan/iu.test(heading)
    )
      items.push({ text: heading.trim(), depth: -1, numbered: false, criteria: [] });
    if (!bullet) continue;
    const depth = (bullet[1] ?? "").replaceAll("\t", "    ").length;
    const text = (bullet[3] ?? "").trim();
    const parent = items.at(-1);
    if (parent && depth > parent.depth) parent.criteria.push(text);
    else items.push({ text, depth, numbered: bullet[2] !== undefined, criteria: [] });
  }
  return items;
}

function sentences(prompt: string): readonly Item[] {
  const verbs =
    "add|allow|build|change|check|create|delete|deploy|document|export|fix|implement|import|make|migrate|move|publish|refactor|release|remove|rename|replace|send|show|split|store|support|test|update|upgrade|validate|write";
  const pieces = prompt
    .replace(/```[^]*?```/gu, " ")
    .split(
      new RegExp(
        `(?<=[.!?;])\\s+|\\n+|,?\\s+(?:and\\s+)?(?:then|afterwards|after that|finally)\\s+|,?\\s+and\\s+(?=(?:${verbs})\\b)|,\\s+(?=(?:${verbs})\\b)`,
        "iu",
      ),
    )
    .map((text) => text.trim().replace(/[.;,]$/u, ""))
    .filter((text) => text.length > 3 && new RegExp(`\\b(?:${verbs}|should|must|need|want)`, "iu").test(text));
  return pieces.map((text) => ({
    text,
    depth: 0,
    numbered: /\bthen\b|\bafter\b|\bfinally\b/iu.test(prompt),
    criteria: [],
  }));
}

function oneStory(prompt: string): readonly Task[] {
  const subject = title(prompt.split("\n").find((line) => line.trim() !== "") ?? "The request");
  const task = (name: string, description: string, criteria: string[], depends_on: number[]): Task => ({
    title: clip(`${name}: ${subject}`, 200),
    type: "task",
    description,
    acceptance_criteria: criteria,
    depends_on,
  });
  return [
    {
      title: subject,
      type: "story",
      description: clip(prompt, 20_000),
      acceptance_criteria: [criterion(prompt)],
      depends_on: [],
    },
    task(
      "Design",
      "Decide how it is built: which modules change, what their interface is, what stays as it is.",
      ["The decision and what it rules out are written down."],
      [],
    ),
    task("Implement", "Build what was decided.", ["The behaviour that was asked for is there."], [1]),
    task(
      "Test",
      "Cover the new behaviour and its edges.",
      ["A test fails without the change and passes with it.", "The whole suite passes."],
      [2],
    ),
    task("Document", "Tell its users.", ["README or CHANGELOG name it."], [2]),
  ];
}

/** Numbered steps and words of order depend on the step before; tests and documents on all that is built before them. */
function dependencies(item: Item, previous: readonly Item[], index: number): number[] {
  if (index === 0) return [];
  const builds = previous.flatMap((other, at) =>
    /\b(?:tests?|document|docs|readme|release|deploy)\b/iu.test(other.text) ? [] : [at],
  );
  if (
    /^\W*(?:(?:add|write|create|update)\s+)?(?:\w+\s+)?(?:tests?|docs?|document\w*|readme|changelog)\b/iu.test(
      item.text,
    ) ||
    /\b(?:release|deploy|publish)\b/iu.test(item.text)
  )
    return builds.slice(-50);
  const ordered =
    item.numbered || /\b(?:then|after(?:wards)?|once|finally|next|based on|using the)\b/iu.test(item.text);
  return ordered ? [index - 1] : [];
}

function kindOf(text: string): Task["type"] {
  return /\b(?:fix|bug|crash\w*|broken|fails?|wrong|error)\b/iu.test(text) ? "bug" : "task";
}

/** The first sentence of a text, as the title of a ticket. */
export function title(text: string): string {
  const first =
    text
      .replace(/[*_`#]+/gu, "")
      .split(/(?<=[.!?])\s|\n/u)[0]
      ?.trim()
      .replace(/[.:;]$/u, "") ?? text;
  return clip(first.charAt(0).toUpperCase() + first.slice(1) || "Task", 200);
}

/** The acceptance criterion of a text that names none. */
export function criterion(text: string): string {
  return clip(`Done when this holds: ${text.replace(/\s+/gu, " ").trim()}`, 1000);
}

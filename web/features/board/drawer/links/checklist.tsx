import type { Ticket } from "../../../../../contracts/project.ts";
import { Markdown } from "../../../../components/markdown.tsx";
import { toast } from "../../../../lib/toast.ts";
import { countTasks, placeOfTask, tasksOf, toggledTask } from "../../model/checklist.ts";
import { useBoardParts } from "../../parts.ts";
import { whyNotSaved, type BoardWrites } from "../../writes.ts";
import { DoneCount } from "./done-count.tsx";

type ChecklistField = "description" | "acceptanceCriteria";

interface ChecklistProps {
  readonly ticket: Ticket;
  readonly field: ChecklistField;
  readonly readOnly: boolean;
}

/** A field's text in Markdown. The items of its checklists are ticked in place, each as an edit of the field. */
export function ChecklistText({ field, readOnly, ticket }: ChecklistProps) {
  const { writes } = useBoardParts();
  const text = ticket[field];
  if (readOnly) return <Markdown text={text} className="text-base" />;
  const tasks = tasksOf(text);
  const place = (line: number) => tasks.findIndex((task) => task.line === line);
  const ticks = {
    has: (line: number) => place(line) !== -1,
    toggle: (line: number) => void tick(writes, ticket, field, place(line)),
  };
  return <Markdown text={text} className="text-base" ticks={ticks} />;
}

/** How many items of a text's checklists are done; nothing where it has none. */
export function ChecklistCount({ text }: { text: string }) {
  const count = countTasks(text);
  return count === null ? null : <DoneCount {...count} words={`${count.done} of ${count.total}`} />;
}

const mostTries = 3;

/** Ticks or clears an item. Where another person has changed the text meanwhile, the same item is found again in theirs. */
async function tick(writes: BoardWrites, ticket: Ticket, field: ChecklistField, index: number): Promise<void> {
  const wanted = tasksOf(ticket[field])[index];
  if (wanted === undefined) return;
  let seen = ticket;
  let at = index;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await writes.edit(seen, { [field]: toggledTask(seen[field], at) });
    if (outcome.kind === "saved") return;
    if (outcome.kind === "conflict" && attempt < mostTries) {
      seen = outcome.other;
      const tasks = tasksOf(seen[field]);
      at = placeOfTask(tasks, wanted, index);
      const found = tasks[at];
      if (found?.isDone === wanted.isDone) continue;
      // The other person has ticked the same item.
      if (found !== undefined) return;
    }
    toast({ id: `tick-${ticket.id}`, title: `“${wanted.words}” was not changed`, detail: whyNotSaved(outcome) });
    return;
  }
}

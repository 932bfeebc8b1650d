import { ChevronDown, Plus, Trash2 } from "lucide-react";
import { useId, type ReactNode } from "react";
import { ownerRoles, planLimits } from "../../../../contracts/plan-names.ts";
import { Markdown } from "../../../components/markdown.tsx";
import { priorityLabels, typeLabels } from "../../../components/ticket-icons.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Menu, MenuChoices, type Choice } from "../../../components/ui/menu.tsx";
import { stageOrder } from "../../../lib/vocabulary.ts";
import { stageLabels } from "../../../lib/words.ts";
import { DependencyField } from "./dependency-field.tsx";
import type { PlanItem } from "./draft.ts";
import { changed, mayHold, moved, parentChoices, retyped } from "./edits.ts";

/** The names by which items may name the run's repositories, the first one first. */
export type PlanRepositories = readonly string[];

interface ItemDetailsProps {
  readonly item: PlanItem;
  readonly items: readonly PlanItem[];
  readonly repositories: PlanRepositories;
  readonly apply: (items: readonly PlanItem[]) => void;
  readonly onRemove: () => void;
  readonly onAdd: () => void;
}

const none = "";
const keysOf = <T extends string>(labels: Readonly<Record<T, string>>): readonly T[] => Object.keys(labels) as T[];
const choicesOf = <T extends string>(labels: Readonly<Record<T, string>>): readonly Choice[] =>
  keysOf(labels).map((value) => ({ value, label: labels[value] }));
const oneOf = <T extends string>(known: readonly T[], value: string): T | null =>
  known.find((each) => each === value) ?? null;

/** Everything about an item that can be changed beside its title. */
export function ItemDetails({ item, items, repositories, apply, onRemove, onAdd }: ItemDetailsProps) {
  const change = (fields: Parameters<typeof changed>[2]) => apply(changed(items, item.key, fields));
  const parents = parentChoices(items, item.key);
  return (
    <div
      role="group"
      aria-label={`Details of ${item.title}`}
      className="mx-1 mt-0.5 mb-2 ml-6 flex flex-col gap-2.5 rounded-lg border border-line bg-bg p-2.5"
    >
      <div className="flex flex-wrap gap-1.5">
        <FactMenu
          name="Type"
          value={item.type}
          choices={choicesOf(typeLabels)}
          onChange={(value) => apply(retyped(items, item.key, oneOf(keysOf(typeLabels), value) ?? item.type))}
        />
        <FactMenu
          name="Part of"
          value={item.parent ?? none}
          choices={[
            { value: none, label: "no other item" },
            ...parents.map(({ key, title }) => ({ value: key, label: title })),
          ]}
          onChange={(value) => apply(moved(items, item.key, value === none ? null : value))}
        />
        <FactMenu
          name="Owner"
          value={item.ownerRole ?? none}
          choices={[{ value: none, label: "nobody yet" }, ...ownerRoles.map((value) => ({ value, label: value }))]}
          onChange={(value) => change({ ownerRole: oneOf(ownerRoles, value) })}
        />
        <FactMenu
          name="Column"
          value={item.stage ?? "backlog"}
          choices={choicesOf(stageLabels)}
          onChange={(value) => change({ stage: oneOf(stageOrder, value) })}
        />
        <FactMenu
          name="Priority"
          value={item.priority ?? "none"}
          choices={choicesOf(priorityLabels)}
          onChange={(value) => change({ priority: oneOf(keysOf(priorityLabels), value) })}
        />
        {repositories.length > 1 && (
          <FactMenu
            name="Repository"
            value={item.repository ?? repositories[0] ?? none}
            choices={repositories.map((value) => ({ value, label: value }))}
            onChange={(value) => change({ repository: value })}
          />
        )}
      </div>
      <TextField
        label="Title"
        value={item.title}
        rows={1}
        maxLength={planLimits.title}
        isTakenOnLeave
        onChange={(text) => {
          const title = text.replace(/\s+/gu, " ").trim();
          if (title !== "" && title !== item.title) change({ title });
        }}
      />
      <TextField
        label="Description"
        value={item.description}
        rows={3}
        maxLength={planLimits.description}
        onChange={(description) => change({ description })}
      />
      <TextField
        label="Acceptance criteria, one a line"
        value={item.criteria.join("\n")}
        rows={Math.min(6, Math.max(2, item.criteria.length))}
        maxLength={planLimits.criteria * planLimits.criterion}
        onChange={(text) => change({ criteria: linesOf(text) })}
      />
      <TextField
        label="Labels, with commas between"
        value={(item.labels ?? []).join(", ")}
        rows={1}
        maxLength={planLimits.labels * (planLimits.label + 2)}
        isTakenOnLeave
        onChange={(text) => {
          const labels = labelsOf(text);
          if (labels.join() !== (item.labels ?? []).join()) change({ labels });
        }}
      />
      <DependencyField item={item} items={items} onChange={(dependsOn) => change({ dependsOn })} />
      <div className="flex flex-wrap gap-1.5">
        <Button size="sm" onClick={onAdd} disabled={items.length >= planLimits.items}>
          <Plus className="size-3.5" aria-hidden />
          {mayHold(item) ? "Add a part" : "Add beside it"}
        </Button>
        <Button size="sm" look="danger" onClick={onRemove}>
          <Trash2 className="size-3.5" aria-hidden />
          Remove
        </Button>
      </div>
    </div>
  );
}

/** An item's texts, for a reader who may not change them. */
export function ItemText({ item, items }: { item: PlanItem; items: readonly PlanItem[] }) {
  const after = item.dependsOn.flatMap((key) => items.find((other) => other.key === key)?.title ?? []);
  const criteria = item.criteria.map((text) => `- ${text}`).join("\n");
  const text = [item.description, criteria, after.length === 0 ? "" : `After: ${after.join(", ")}`];
  return (
    <div className="mx-1 mb-2 ml-6 rounded-lg border border-line bg-bg p-2.5">
      <Markdown text={text.filter((part) => part !== "").join("\n\n") || "It has no description."} />
    </div>
  );
}

/** Lines as they are typed: an empty one at the end may become the next criterion. */
function linesOf(text: string): readonly string[] {
  return text === ""
    ? []
    : text
        .split("\n")
        .slice(0, planLimits.criteria)
        .map((line) => line.slice(0, planLimits.criterion));
}

function labelsOf(text: string): readonly string[] {
  const labels = text.split(",").map((label) => label.trim().slice(0, planLimits.label));
  return [...new Set(labels.filter((label) => label !== ""))].slice(0, planLimits.labels);
}

function FactMenu({
  name,
  value,
  choices,
  onChange,
}: {
  name: string;
  value: string;
  choices: readonly Choice[];
  onChange: (value: string) => void;
}) {
  const label = choices.find((choice) => choice.value === value)?.label ?? value;
  return (
    <Menu
      trigger={
        <Button size="sm" className="max-w-full">
          <span className="text-muted">{name}</span>
          <span className="max-w-40 truncate">{label}</span>
          <ChevronDown className="size-3" aria-hidden />
        </Button>
      }
    >
      <MenuChoices value={value} choices={choices} onChange={onChange} />
    </Menu>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly rows: number;
  readonly maxLength: number;
  /** A text that is rewritten as it is taken, such as a list of labels, is taken when the person leaves the field. */
  readonly isTakenOnLeave?: boolean;
  readonly onChange: (text: string) => void;
}

function TextField({ label, value, rows, maxLength, isTakenOnLeave = false, onChange }: TextFieldProps): ReactNode {
  const id = useId();
  const field = {
    ...{ id, rows, maxLength },
    className: cx(
      "mt-1 block w-full rounded-lg border border-line-strong bg-card px-2.5 py-1.5 text-sm",
      rows === 1 && "resize-none",
    ),
  };
  return (
    <div>
      <label htmlFor={id} className="text-xs font-medium text-soft">
        {label}
      </label>
      {isTakenOnLeave ? (
        <textarea {...field} key={value} defaultValue={value} onBlur={(event) => onChange(event.target.value)} />
      ) : (
        <textarea {...field} value={value} onChange={(event) => onChange(event.target.value)} />
      )}
    </div>
  );
}

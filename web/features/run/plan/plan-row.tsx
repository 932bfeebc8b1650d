import { Check, ChevronRight, Link2, Minus, Pencil } from "lucide-react";
import { useRef } from "react";
import { PriorityIcon, TypeIcon, typeLabels } from "../../../components/ticket-icons.tsx";
import { Tag } from "../../../components/ui/badges.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { planLimits } from "../../../../contracts/plan-names.ts";
import { revealHidden } from "../../../lib/hidden-text.ts";
import { stageLabels } from "../../../lib/words.ts";
import type { PlanItem } from "./draft.ts";
import { toggled, withParts, type TreeRow } from "./edits.ts";
import { ItemDetails, ItemText, type PlanRepositories } from "./item-details.tsx";
import type { PlanEditor } from "./use-plan-draft.ts";

interface PlanRowProps {
  readonly row: TreeRow;
  readonly items: readonly PlanItem[];
  readonly editor: PlanEditor | null;
  readonly repositories: PlanRepositories;
  /** Whether Tab leads to this line. */
  readonly isCurrent: boolean;
  readonly isFolded: boolean;
  /** Whether its title is edited. */
  readonly isTitled: boolean;
  /** Whether its details are shown. */
  readonly isOpen: boolean;
  readonly onFocus: () => void;
  readonly onFold: () => void;
  readonly onOpen: () => void;
  readonly onTitle: () => void;
  /** The title as it was typed; null where it stays. */
  readonly onTitled: (title: string | null) => void;
  readonly onRemove: () => void;
  readonly onAdd: () => void;
}

/** One item of a plan: a line of the tree, with its details under it. */
export function PlanRow(props: PlanRowProps) {
  const { editor, isCurrent, isFolded, isOpen, isTitled, items, onFocus, onFold, onOpen, onTitle, onTitled, row } =
    props;
  const { hasParts, item, level, of, place } = row;
  const choice = choiceOf(items, item);
  const isOut = choice === "none";
  return (
    <div
      role="treeitem"
      data-plan-item={item.key}
      tabIndex={isCurrent ? 0 : -1}
      aria-level={level}
      aria-posinset={place}
      aria-setsize={of}
      aria-label={`${typeLabels[item.type]}: ${item.title}`}
      {...(hasParts ? { "aria-expanded": !isFolded } : {})}
      {...(editor === null ? {} : { "aria-checked": choice === "some" ? ("mixed" as const) : !isOut })}
      onFocus={(event) => event.target === event.currentTarget && onFocus()}
      className="group rounded-lg outline-offset-[-2px]"
    >
      <div
        style={{ paddingInlineStart: `${(level - 1) * 1.125}rem` }}
        className="flex min-h-8 items-center gap-1.5 rounded-lg pr-1 hover:bg-hover"
      >
        <button
          type="button"
          tabIndex={-1}
          aria-label={isFolded ? "Unfold" : "Fold"}
          onClick={onFold}
          className={cx(
            "-mr-1 flex size-6 shrink-0 items-center justify-center rounded text-muted",
            !hasParts && "invisible",
          )}
        >
          <ChevronRight className={cx("size-3.5 transition-transform", !isFolded && "rotate-90")} aria-hidden />
        </button>
        {editor !== null && (
          <button
            type="button"
            tabIndex={-1}
            aria-label={`${isOut ? "Choose" : "Leave out"} ${item.title}`}
            onClick={() => editor.apply(toggled(items, item.key))}
            className="-mx-0.5 flex size-6 shrink-0 items-center justify-center rounded"
          >
            <span
              className={cx(
                "flex size-4 items-center justify-center rounded border",
                isOut ? "border-line-strong" : "border-lime-line bg-lime-soft text-lime-text",
              )}
            >
              {choice === "all" && <Check className="size-3" aria-hidden />}
              {choice === "some" && <Minus className="size-3" aria-hidden />}
            </span>
          </button>
        )}
        <TypeIcon type={item.type} />
        {isTitled && editor !== null ? (
          <TitleField title={item.title} onDone={onTitled} />
        ) : (
          <span
            onDoubleClick={editor === null ? undefined : onTitle}
            title={item.title}
            className={cx("min-w-0 flex-1 truncate", isOut && "text-muted line-through", level === 1 && "font-medium")}
          >
            {revealHidden(item.title).text}
          </span>
        )}
        <Facts item={item} />
        <button
          type="button"
          tabIndex={isCurrent ? 0 : -1}
          aria-expanded={isOpen}
          aria-label={`Details of ${item.title}`}
          onClick={onOpen}
          className="flex size-6 shrink-0 items-center justify-center rounded text-muted hover:bg-active hover:text-text"
        >
          {editor === null ? (
            <ChevronRight className={cx("size-3.5", isOpen && "rotate-90")} aria-hidden />
          ) : (
            <Pencil className="size-3.5" aria-hidden />
          )}
        </button>
      </div>
      {isOpen &&
        (editor === null ? (
          <ItemText item={item} items={items} />
        ) : (
          <ItemDetails {...props} item={item} apply={editor.apply} />
        ))}
    </div>
  );
}

/** Whether tickets are made of an item and its parts. */
function choiceOf(items: readonly PlanItem[], item: PlanItem): "all" | "none" | "some" {
  const keys = withParts(items, item.key);
  const chosen = items.filter(({ isChosen, key }) => isChosen && keys.has(key)).length;
  return chosen === keys.size ? "all" : chosen === 0 ? "none" : "some";
}

function Facts({ item }: { item: PlanItem }) {
  const { dependsOn, ownerRole, priority, repository, stage } = item;
  return (
    <span className="flex shrink-0 items-center gap-1.5 text-xs text-muted">
      {dependsOn.length > 0 && (
        <span
          className="tabular inline-flex items-center gap-0.5"
          title={`Waits for ${dependsOn.length === 1 ? "one other item" : `${dependsOn.length} other items`}`}
        >
          <Link2 className="size-3" aria-hidden />
          {dependsOn.length}
        </span>
      )}
      {priority !== null && priority !== "none" && <PriorityIcon priority={priority} />}
      {stage !== null && stage !== "backlog" && <Tag className="hidden @lg:inline-flex">{stageLabels[stage]}</Tag>}
      {repository !== null && <Tag className="hidden @xl:inline-flex">{repository}</Tag>}
      {ownerRole !== null && <Tag title={`Owner: ${ownerRole}`}>{ownerRole}</Tag>}
    </span>
  );
}

/** Enter and leaving the field keep the title; Escape does not, and an empty one is no title. */
function TitleField({ title, onDone }: { title: string; onDone: (title: string | null) => void }) {
  const isDone = useRef(false);
  const done = (text: string | null) => {
    if (isDone.current) return;
    isDone.current = true;
    const typed = text?.trim() ?? "";
    onDone(typed === "" || typed === title ? null : typed);
  };
  return (
    <input
      autoFocus
      aria-label="Title"
      defaultValue={title}
      maxLength={planLimits.title}
      onFocus={(event) => event.target.select()}
      onBlur={(event) => done(event.target.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") done(event.currentTarget.value);
        if (event.key === "Escape") done(null);
      }}
      className="h-7 min-w-0 flex-1 rounded-md border border-line-strong bg-bg px-2"
    />
  );
}

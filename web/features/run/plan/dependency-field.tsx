import { X } from "lucide-react";
import { useId, useState, type KeyboardEvent } from "react";
import { TypeIcon } from "../../../components/ticket-icons.tsx";
import { cx } from "../../../components/ui/cx.ts";
import type { PlanItem } from "./draft.ts";
import { dependencyChoices } from "./edits.ts";

interface DependencyFieldProps {
  readonly item: PlanItem;
  readonly items: readonly PlanItem[];
  readonly onChange: (dependsOn: readonly string[]) => void;
}

const mostShown = 8;
const showWhole = (list: HTMLElement | null) => list?.scrollIntoView({ block: "nearest" });

/** The items that one waits for, as chips, and a field that finds further ones by their titles. */
export function DependencyField({ item, items, onChange }: DependencyFieldProps) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const wanted = text.trim().toLowerCase();
  const found = dependencyChoices(items, item.key)
    .filter(({ title }) => title.toLowerCase().includes(wanted))
    .slice(0, mostShown);
  const add = (choice: PlanItem | undefined) => {
    if (choice === undefined) return;
    onChange([...item.dependsOn, choice.key]);
    setText("");
    setAt(0);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      setAt((before) => Math.max(0, Math.min(found.length - 1, before + (event.key === "ArrowDown" ? 1 : -1))));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (isOpen) add(found[at]);
    } else if (event.key === "Escape") setOpen(false);
    else if (event.key === "Backspace" && text === "") onChange(item.dependsOn.slice(0, -1));
  };
  return (
    <div>
      <label htmlFor={`${id}-field`} className="text-xs font-medium text-soft">
        Waits for
      </label>
      <div className="relative mt-1 flex flex-wrap items-center gap-1 rounded-lg border border-line-strong bg-card px-1.5 py-1">
        {item.dependsOn.map((key) => {
          const title = items.find((other) => other.key === key)?.title ?? "";
          return (
            <span
              key={key}
              className="inline-flex h-6 max-w-full items-center gap-1 rounded-full border border-line bg-bg pr-1 pl-2 text-xs"
            >
              <span className="truncate">{title}</span>
              <button
                type="button"
                aria-label={`No longer wait for ${title}`}
                onClick={() => onChange(item.dependsOn.filter((each) => each !== key))}
                className="flex size-4 items-center justify-center rounded-full text-muted hover:bg-hover hover:text-text"
              >
                <X className="size-3" aria-hidden />
              </button>
            </span>
          );
        })}
        <input
          id={`${id}-field`}
          role="combobox"
          aria-expanded={isOpen && found.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          {...(isOpen && found[at] !== undefined ? { "aria-activedescendant": `${id}-${found[at].key}` } : {})}
          autoComplete="off"
          placeholder={item.dependsOn.length === 0 ? "Nothing. Type a title" : "Type a title"}
          value={text}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
            setOpen(true);
          }}
          onKeyDown={onKeyDown}
          className="h-6 min-w-28 flex-1 bg-transparent px-1 text-sm outline-none"
        />
        {isOpen && found.length > 0 && (
          <ul
            id={`${id}-list`}
            // The tree scrolls, and its edge would hide the list.
            ref={showWhole}
            role="listbox"
            aria-label="Items to wait for"
            className="absolute top-full left-0 z-20 mt-1 max-h-56 w-full overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-pop"
          >
            {found.map((choice, index) => (
              <li
                key={choice.key}
                id={`${id}-${choice.key}`}
                role="option"
                aria-selected={index === at}
                onMouseDown={(event) => {
                  // The field keeps the focus.
                  event.preventDefault();
                  add(choice);
                }}
                className={cx(
                  "flex cursor-default items-center gap-1.5 rounded px-2 py-1 text-sm",
                  index === at && "bg-hover",
                )}
              >
                <TypeIcon type={choice.type} />
                <span className="truncate">{choice.title}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

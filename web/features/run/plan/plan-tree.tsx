import { useRef, useState, type KeyboardEvent } from "react";
import type { PlanItem } from "./draft.ts";
import { added, changed, toggled, treeRows, withParts, type TreeRow } from "./edits.ts";
import type { PlanRepositories } from "./item-details.tsx";
import { PlanRow } from "./plan-row.tsx";
import type { PlanEditor } from "./use-plan-draft.ts";

interface PlanTreeProps {
  readonly items: readonly PlanItem[];
  /** Null: the tree can only be walked and folded. */
  readonly editor: PlanEditor | null;
  readonly repositories: PlanRepositories;
  readonly label: string;
  /** Says which keys do what, where the tree can be changed. */
  readonly keys?: string;
}

/** A plan as a tree. Arrows walk and fold; Enter edits a title, Space chooses, E opens the details, Delete removes. */
export function PlanTree({ items, editor, repositories, label, keys }: PlanTreeProps) {
  const tree = useRef<HTMLDivElement>(null);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<string | null>(null);
  const [titled, setTitled] = useState<string | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const rows = treeRows(items, folded);
  const current = rows.find(({ item }) => item.key === at) ?? rows[0];
  const focus = (key: string | undefined) => {
    if (key === undefined) return;
    setAt(key);
    // A line that is new has to be drawn first.
    requestAnimationFrame(() => lineOf(tree.current, key)?.focus());
  };
  const fold = (key: string, isFolded: boolean) =>
    setFolded((before) => {
      const next = new Set(before);
      if (isFolded) next.add(key);
      else next.delete(key);
      return next;
    });
  const remove = (row: TreeRow) => {
    const gone = withParts(items, row.item.key);
    const from = rows.indexOf(row);
    const next = rows.slice(from).find(({ item }) => !gone.has(item.key)) ?? rows[from - 1];
    editor?.remove(row.item.key);
    focus(next?.item.key);
  };
  const add = (key: string) => {
    const more = added(items, key);
    if (more === null || editor === null) return;
    editor.apply(more.items);
    fold(key, false);
    setTitled(more.key);
    setAt(more.key);
  };
  const act = (row: TreeRow, event: KeyboardEvent): (() => void) | undefined => {
    const { hasParts, item } = row;
    const index = rows.indexOf(row);
    const isFolded = folded.has(item.key);
    const edits: Readonly<Record<string, () => void>> =
      editor === null
        ? {}
        : {
            Enter: () => setTitled(item.key),
            " ": () => editor.apply(toggled(items, item.key)),
            e: () => setOpened(opened === item.key ? null : item.key),
            n: () => add(item.key),
            Delete: () => remove(row),
            Backspace: () => remove(row),
          };
    const walks: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focus(rows[index + 1]?.item.key),
      ArrowUp: () => focus(rows[index - 1]?.item.key),
      Home: () => focus(rows[0]?.item.key),
      End: () => focus(rows.at(-1)?.item.key),
      ArrowRight: () =>
        hasParts && isFolded ? fold(item.key, false) : hasParts ? focus(rows[index + 1]?.item.key) : {},
      ArrowLeft: () => (hasParts && !isFolded ? fold(item.key, true) : focus(item.parent ?? undefined)),
    };
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") return editor?.undo;
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    return walks[event.key] ?? edits[event.key];
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Keys that are typed into a field of a line are the field's.
    const key = event.target instanceof HTMLElement ? event.target.dataset["planItem"] : undefined;
    const row = rows.find(({ item }) => item.key === key);
    const done = row === undefined ? undefined : act(row, event);
    if (done === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    done();
  };
  return (
    <div
      ref={tree}
      role="tree"
      aria-label={label}
      aria-multiselectable={editor !== null}
      {...(editor === null || keys === undefined ? {} : { "aria-description": keys })}
      onKeyDown={onKeyDown}
    >
      {rows.map((row) => (
        <PlanRow
          key={row.item.key}
          row={row}
          items={items}
          editor={editor}
          repositories={repositories}
          isCurrent={row === current}
          isFolded={folded.has(row.item.key)}
          isTitled={titled === row.item.key}
          isOpen={opened === row.item.key}
          onFocus={() => setAt(row.item.key)}
          onFold={() => fold(row.item.key, !folded.has(row.item.key))}
          onOpen={() => setOpened(opened === row.item.key ? null : row.item.key)}
          onTitle={() => setTitled(row.item.key)}
          onTitled={(title) => {
            setTitled(null);
            if (title !== null) editor?.apply(changed(items, row.item.key, { title }));
            focus(row.item.key);
          }}
          onRemove={() => remove(row)}
          onAdd={() => add(row.item.key)}
        />
      ))}
    </div>
  );
}

function lineOf(tree: HTMLElement | null, key: string): HTMLElement | null {
  return tree?.querySelector<HTMLElement>(`[data-plan-item="${key}"]`) ?? null;
}

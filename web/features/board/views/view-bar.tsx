import { Columns3, GitFork, ListFilter, Rows3, X, type LucideIcon } from "lucide-react";
import { useMemo } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Menu, MenuChecks, MenuSub } from "../../../components/ui/menu.tsx";
import { facets, isEmpty, toggledValue, withFacet, type Facet } from "../filter.ts";
import { useBoardParts } from "../parts.ts";
import { useBoard } from "../store.ts";
import { viewKinds, type BoardAddress, type ViewKind } from "./address.ts";
import { chipWords, choicesOf, facetLabels, type Choosable } from "./facet-choices.ts";
import { SavedViews } from "./saved-views.tsx";
import type { Look } from "./use-look.ts";

const kinds: Record<ViewKind, { readonly label: string; readonly icon: LucideIcon }> = {
  board: { label: "Board", icon: Columns3 },
  list: { label: "List", icon: Rows3 },
  graph: { label: "Graph", icon: GitFork },
};

interface ViewBarProps {
  readonly projectId: string;
  readonly look: Look;
}

/** Under the board's bar: how tickets are shown, the filters in use, and the saved views. */
export function ViewBar({ look, projectId }: ViewBarProps) {
  const { address, info, searchFailed } = look;
  const { filter } = address;
  const { store } = useBoardParts();
  const tickets = useBoard(store, (shown) => shown.tickets);
  const choosable = useMemo(() => ({ tickets: [...tickets.values()], columns: info }), [tickets, info]);
  return (
    <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-1.5 px-4 pb-2">
      <div role="radiogroup" aria-label="View" className="flex h-7 items-center rounded-lg border border-line p-0.5">
        {viewKinds.map((kind) => (
          <KindButton key={kind} kind={kind} address={address} />
        ))}
      </div>
      <Menu
        trigger={
          <Button look="ghost" size="sm">
            <ListFilter className="size-3.5" aria-hidden />
            Filter
          </Button>
        }
      >
        {facets.map((facet) => (
          <FacetMenu key={facet} facet={facet} address={address} choosable={choosable} />
        ))}
      </Menu>
      {facets.map((facet) => {
        const values = filter.facets[facet] ?? [];
        if (values.length === 0) return null;
        const words = chipWords(facet, values, choosable);
        return (
          <Button
            key={facet}
            size="sm"
            className="max-w-60 rounded-full!"
            aria-label={`Remove the filter ${words}`}
            title={`Remove the filter ${words}`}
            onClick={() => address.setFilter(withFacet(filter, facet, []))}
          >
            <span className="truncate">{words}</span>
            <X className="size-3 shrink-0" aria-hidden />
          </Button>
        );
      })}
      {!isEmpty(filter) && (
        <Button look="ghost" size="sm" onClick={address.clear}>
          Clear
        </Button>
      )}
      {searchFailed && (
        <span role="status" className="text-xs text-amber">
          Descriptions were not searched. The filter shows titles, keys and labels.
        </span>
      )}
      <span className="ml-auto flex items-center gap-1.5">
        <SavedViews projectId={projectId} address={address} />
      </span>
    </div>
  );
}

function KindButton({ address, kind }: { address: BoardAddress; kind: ViewKind }) {
  const { icon: Icon, label } = kinds[kind];
  const isShown = address.kind === kind;
  return (
    <button
      type="button"
      role="radio"
      aria-checked={isShown}
      onClick={() => address.change({ view: kind === "board" ? undefined : kind })}
      className={cx(
        "flex h-6 items-center gap-1.5 rounded-md px-2 text-xs font-medium",
        isShown ? "bg-active text-text" : "text-muted hover:text-text",
      )}
    >
      <Icon className="size-3.5" aria-hidden />
      {label}
    </button>
  );
}

function FacetMenu({ address, choosable, facet }: { address: BoardAddress; choosable: Choosable; facet: Facet }) {
  const checked = address.filter.facets[facet] ?? [];
  const choices = choicesOf(facet, choosable);
  return (
    <MenuSub
      label={
        <>
          {facetLabels[facet]}
          {checked.length > 0 && <span className="tabular text-xs text-muted">{checked.length}</span>}
        </>
      }
    >
      {choices.length === 0 ? (
        <p className="px-2 py-1.5 text-xs text-muted">None on this board yet.</p>
      ) : (
        <MenuChecks
          checked={checked}
          choices={choices}
          onToggle={(value) => address.setFilter(toggledValue(address.filter, facet, value))}
        />
      )}
    </MenuSub>
  );
}

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { boardViewKeys, type BoardViewKey } from "../../../../contracts/board-view-names.ts";
import { filterOf, noFilter, searchOf, type BoardFilter } from "../filter.ts";

/** The parameters of a board's address: those that a saved view keeps, the open ticket, the form for a new one, and that one's parent. */
export type BoardSearch = { readonly [key in BoardViewKey | "ticket" | "new" | "parent"]?: string | undefined };
type Cleaned = { readonly [key in keyof BoardSearch]: string };
type BoardViewPatch = { readonly [key in BoardViewKey]?: string | undefined };

export const viewKinds = ["board", "list", "graph"] as const;
export type ViewKind = (typeof viewKinds)[number];

/** The part of an address that a saved view keeps. */
export function keptOf(search: BoardSearch): Cleaned {
  return cleaned(Object.fromEntries(boardViewKeys.map((key) => [key, search[key]])));
}

/** The query of a saved view: known keys alone, in one order, so that equal views have equal queries. */
export function queryOf(search: BoardSearch): string {
  const kept = keptOf(search);
  const query = new URLSearchParams();
  for (const key of boardViewKeys) {
    const value = kept[key];
    if (value !== undefined) query.set(key, value);
  }
  return query.toString();
}

/** The parameters that a saved view's query stands for. */
export function searchOfQuery(query: string): Cleaned {
  return keptOf(Object.fromEntries(new URLSearchParams(query)));
}

function cleaned(search: BoardSearch): Cleaned {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ""));
}

/** How the page shows its tickets. */
export function viewKindOf({ view }: BoardSearch): ViewKind {
  return viewKinds.find((kind) => kind === view) ?? "board";
}

/** A letter that is typed goes into the address once no other follows for so long. */
const typingMs = 200;

/** A board's address, and the changes of it. Each change is a step of the browser's history, but for letters that are typed. */
export function useBoardAddress() {
  const search: BoardSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const [typed, setTyped] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const inAddress = useMemo(() => filterOf(search), [search]);
  // The address follows a moment behind the letters; once it has them, it alone counts.
  useEffect(() => setTyped((text) => (text === inAddress.text ? null : text)), [inAddress.text]);
  const filter = useMemo(() => (typed === null ? inAddress : { ...inAddress, text: typed }), [inAddress, typed]);

  const go = (next: (before: BoardSearch) => BoardSearch, replace: boolean) =>
    void navigate({ to: ".", search: (before: BoardSearch) => cleaned(next(before)), replace });
  const forget = () => {
    clearTimeout(timer.current);
    setTyped(null);
  };
  return {
    search,
    filter,
    kind: viewKindOf(search),
    /** Changes parameters of the view; the open ticket stays. */
    change: (patch: BoardViewPatch) => go((before) => ({ ...before, ...patch }), false),
    setFilter: (next: BoardFilter) => {
      forget();
      go((before) => ({ ...before, ...searchOf(next) }), false);
    },
    setText: (text: string) => {
      clearTimeout(timer.current);
      setTyped(text);
      timer.current = setTimeout(() => go((before) => ({ ...before, q: text }), true), typingMs);
    },
    clear: () => {
      forget();
      go((before) => ({ ...before, ...searchOf(noFilter) }), false);
    },
    /** Shows a saved view in the place of the present one. */
    open: (query: string) => {
      forget();
      go(() => searchOfQuery(query), false);
    },
  };
}
export type BoardAddress = ReturnType<typeof useBoardAddress>;

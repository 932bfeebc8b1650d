import { useMemo } from "react";
import type { BoardLayout } from "../../../../contracts/board.ts";
import type { Ticket } from "../../../../contracts/project.ts";
import { blockedBy } from "../../../../domain/board/dependencies.ts";
import { useMe } from "../../../lib/me.ts";
import { isEmpty, passes, type BoardFilter, type FilterContext } from "../filter.ts";
import type { Columns } from "../model/own-writes.ts";
import { useBoard, type BoardStore } from "../store.ts";
import { useBoardAddress, type BoardAddress } from "./address.ts";
import { boardNamed, columnsOf, columnsOfBoard, countOf, isDone, type ColumnInfo } from "./columns-info.ts";
import { useTextHits } from "./text-hits.ts";

/** A board as its address asks for it. */
export interface Look {
  readonly address: BoardAddress;
  readonly info: readonly ColumnInfo[];
  /** The board that is shown, in every kind of view. */
  readonly board: BoardLayout | undefined;
  /** Its whole columns. */
  readonly columns: Columns;
  /** Its columns with the tickets that the filter leaves; the whole columns without a filter. */
  readonly visible: Columns;
  readonly filtered: boolean;
  /** How many tickets the filter leaves on the board, how many the board has, and how many the filter leaves on the others. */
  readonly shown: number;
  readonly total: number;
  readonly elsewhere: number;
  /** True when the server did not answer where the filter's text is in descriptions. */
  readonly searchFailed: boolean;
}

/** The filter, the kind of view and the tickets to show, by the page's address. */
export function useLook(store: BoardStore): Look {
  const address = useBoardAddress();
  const all = useBoard(store, (shown) => shown.columns);
  const tickets = useBoard(store, (shown) => shown.tickets);
  const model = useBoard(store, (shown) => shown.model);
  const { me } = useMe();
  const boards = useBoard(store, (shown) => shown.boards);
  const info = useMemo(() => columnsOf({ boards }), [boards]);
  const { filter } = address;
  const { failed, hits } = useTextHits(model.project.id, filter.text);
  const passing = useMemo(
    () => filteredColumns(all, filter, contextOf({ me: me.user.id, hits, tickets, info, boards })),
    [all, filter, hits, tickets, info, boards, me.user.id],
  );
  const board = boardNamed(boards, address.search.board);
  const columns = useMemo(() => columnsOfBoard(all, board), [all, board]);
  const visible = useMemo(() => columnsOfBoard(passing, board), [passing, board]);
  const [shown, total] = useMemo(() => [countOf(visible), countOf(columns)], [visible, columns]);
  const elsewhere = useMemo(() => countOf(passing) - shown, [passing, shown]);
  const filtered = !isEmpty(filter);
  return { address, info, board, columns, visible, filtered, shown, total, elsewhere, searchFailed: failed };
}

interface Known {
  readonly me: string;
  readonly hits: ReadonlySet<string>;
  readonly tickets: ReadonlyMap<string, Ticket>;
  readonly info: readonly ColumnInfo[];
  readonly boards: readonly BoardLayout[];
}

function contextOf({ boards, hits, info, me, tickets }: Known): FilterContext {
  return {
    me,
    textHits: hits,
    ticketOf: (id) => tickets.get(id),
    readinessOf: (ticket) =>
      isDone(ticket, info) ? "done" : blockedBy({ boards, tickets }, ticket).length === 0 ? "ready" : "blocked",
  };
}

/** The columns with the tickets that pass; the columns themselves where the filter is empty. */
export function filteredColumns(columns: Columns, filter: BoardFilter, context: FilterContext): Columns {
  if (isEmpty(filter)) return columns;
  return new Map(
    [...columns].map(([column, tickets]) => [column, tickets.filter((each) => passes(each, filter, context))]),
  );
}

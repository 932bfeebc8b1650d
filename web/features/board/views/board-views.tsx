import { SearchX } from "lucide-react";
import { lazy, Suspense } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { Empty } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { Columns } from "../columns.tsx";
import type { Columns as TicketColumns } from "../model/own-writes.ts";
import type { Lookers } from "../parts.ts";
import type { Look } from "./use-look.ts";

const ListView = lazy(async () => ({ default: (await import("./list/list-view.tsx")).ListView }));
const GraphView = lazy(async () => ({ default: (await import("./graph/graph-view.tsx")).GraphView }));

export interface BoardViewsProps {
  readonly look: Look;
  /** The whole columns. */
  readonly columns: TicketColumns;
  readonly openTicket: string | null;
  readonly onOpen: (id: string) => void;
  readonly lookers: Lookers;
  readonly mayMove: boolean;
}

/** The tickets as columns of cards, as a list, or as a graph of their dependencies. The last two are loaded when they are first shown. */
export function BoardViews(props: BoardViewsProps) {
  const { columns, look, lookers, mayMove, onOpen, openTicket } = props;
  const { address, filtered, shown, visible } = look;
  if (address.kind === "board")
    return (
      <Columns
        {...{ columns, visible, filtered, openTicket, onOpen, lookers, mayMove }}
        boardId={address.search.board}
        onShowBoard={(board) => address.change({ board })}
      />
    );
  if (shown === 0 && filtered)
    return (
      <Empty
        icon={<SearchX aria-hidden />}
        title="No ticket passes these filters"
        action={<Button onClick={address.clear}>Clear the filters</Button>}
      >
        Take one of them away to see more.
      </Empty>
    );
  const View = address.kind === "list" ? ListView : GraphView;
  return (
    <Suspense fallback={<SkeletonRows count={9} />}>
      <View look={look} openTicket={openTicket} onOpen={onOpen} mayMove={mayMove} />
    </Suspense>
  );
}

/** The props of a view that is no board of columns. */
export type OtherViewProps = Omit<BoardViewsProps, "columns" | "lookers">;

import { SearchX } from "lucide-react";
import { lazy, Suspense } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { Empty } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { plural } from "../../../lib/format.ts";
import { Columns } from "../columns.tsx";
import type { Lookers } from "../parts.ts";
import type { Look } from "./use-look.ts";

const ListView = lazy(async () => ({ default: (await import("./list/list-view.tsx")).ListView }));
const GraphView = lazy(async () => ({ default: (await import("./graph/graph-view.tsx")).GraphView }));

export interface BoardViewsProps {
  readonly look: Look;
  readonly openTicket: string | null;
  readonly onOpen: (id: string) => void;
  readonly lookers: Lookers;
  readonly mayMove: boolean;
}

/** The tickets as columns of cards, as a list, or as a graph of their dependencies. The last two are loaded when they are first shown. */
export function BoardViews(props: BoardViewsProps) {
  const { look, lookers, mayMove, onOpen, openTicket } = props;
  const { address, board, columns, filtered, visible } = look;
  if (address.kind === "board")
    return <Columns {...{ board, columns, visible, filtered, openTicket, onOpen, lookers, mayMove }} />;
  return (
    <>
      <Elsewhere look={look} />
      <OtherView {...{ look, mayMove, onOpen, openTicket }} />
    </>
  );
}

/** Says that the other boards have tickets too, which a list and a graph of one board leave out. */
function Elsewhere({ look: { elsewhere, filtered } }: { look: Look }) {
  if (elsewhere === 0) return null;
  return (
    <p role="status" className="shrink-0 px-4 pb-2 text-xs text-muted">
      {filtered
        ? `${plural(elsewhere, "more ticket passes", "more tickets pass")} the filters on other boards.`
        : `${plural(elsewhere, "more ticket is", "more tickets are")} on other boards.`}
    </p>
  );
}

function OtherView({ look, mayMove, onOpen, openTicket }: OtherViewProps) {
  const { address, filtered, shown } = look;
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
export type OtherViewProps = Omit<BoardViewsProps, "lookers">;

import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Board, BoardPresence } from "../../../contracts/board.ts";
import type { Person } from "../../../contracts/common.ts";
import { Button } from "../../components/ui/button.tsx";
import { Empty, Failure } from "../../components/ui/notices.tsx";
import { setConnection } from "../../lib/connection.ts";
import { useHotkey } from "../../lib/hotkeys.ts";
import { useMe, useRefusal } from "../../lib/me.ts";
import { boardQuery, meQuery } from "../../lib/queries.ts";
import { AutopilotMenu } from "./autopilot/autopilot-menu.tsx";
import { BoardBar } from "./bar.tsx";
import { TicketDrafts } from "./drawer/drafts.ts";
import { TicketDrawer } from "./drawer/ticket-drawer.tsx";
import { followBoard } from "./follow.ts";
import { NewTicketDialog } from "./new-ticket.tsx";
import { BoardPartsProvider } from "./parts.ts";
import { BoardStore, useBoard } from "./store.ts";
import { FieldAsk } from "./suggestions/field-ask.ts";
import { LikeStore } from "./suggestions/like-store.ts";
import { BoardMenu } from "./transfer/board-menu.tsx";
import { BoardViews } from "./views/board-views.tsx";
import { useLook } from "./views/use-look.ts";
import { ViewBar } from "./views/view-bar.tsx";
import { BoardWrites } from "./writes.ts";

interface LiveBoardProps {
  /** The newest snapshot, with when it was asked for. */
  readonly board: Board & { readonly askedAtMs: number };
  /** The error of the last request for one. */
  readonly failure: unknown;
  readonly openTicket: string | null;
  readonly creating: boolean;
  readonly show: (search: { ticket?: string; new?: string }) => void;
}

/** A project's board, which follows every change of it. */
export function LiveBoard({ board, failure, openTicket, creating, show }: LiveBoardProps) {
  const projectId = board.project.id;
  const queryClient = useQueryClient();
  const shown = useRef(show);
  useEffect(() => {
    shown.current = show;
  });
  const [parts] = useState(() => {
    const store = new BoardStore(board);
    const writes = new BoardWrites(projectId, store, queryClient);
    return {
      ...{ store, writes, likes: new LikeStore(store), fieldAsk: new FieldAsk() },
      drafts: new TicketDrafts(writes, (ticket) => shown.current({ ticket })),
    };
  });
  const { likes, store } = parts;
  useEffect(() => likes.start(), [likes]);
  useEffect(() => store.addSnapshot(board, board.askedAtMs), [store, board]);

  const follower = useRef<ReturnType<typeof followBoard> | null>(null);
  const looksAt = useRef(openTicket);
  useEffect(() => {
    const followed = followBoard({
      projectId,
      store,
      reload: async () => {
        const { askedAtMs, ...fresh } = await queryClient.query({ ...boardQuery(projectId), staleTime: 0 });
        store.addSnapshot(fresh, askedAtMs);
      },
      onConnection: setConnection,
      onEnd: (end) => {
        // Asking who is signed in leads to the sign-in page and back here; asking for the board says why it is not to be seen.
        const { queryKey } = end === "signed_out" ? meQuery : boardQuery(projectId);
        void queryClient.invalidateQueries({ queryKey });
      },
    });
    follower.current = followed;
    followed.look(looksAt.current);
    return () => {
      followed.stop();
      setConnection(null);
    };
  }, [projectId, store, queryClient]);
  useEffect(() => {
    looksAt.current = openTicket;
    follower.current?.look(openTicket);
  }, [openTicket]);

  return (
    <BoardPartsProvider value={parts}>
      <BoardView store={store} failure={failure} openTicket={openTicket} creating={creating} show={show} />
    </BoardPartsProvider>
  );
}

function BoardView({
  store,
  failure,
  openTicket,
  creating,
  show,
}: Omit<LiveBoardProps, "board"> & { store: BoardStore }) {
  const columns = useBoard(store, (shown) => shown.columns);
  const project = useBoard(store, ({ model }) => model.project);
  const total = useBoard(store, ({ tickets }) => tickets.size);
  const { lookers, others } = usePresence(store);
  const look = useLook(store);
  const { address, shown } = look;
  const createRefusal = useRefusal("ticket.create");
  const moveRefusal = useRefusal("ticket.move");
  const create = () => show({ new: "1" });
  useHotkey("c", create, { enabled: createRefusal === null });
  return (
    <div className="flex h-full flex-col">
      <h1 className="sr-only">Board of {project.name}</h1>
      <BoardBar
        filter={address.filter.text}
        onFilter={address.setText}
        filtered={look.filtered}
        shown={shown}
        total={total}
        others={others}
        createRefusal={createRefusal}
        moveRefusal={moveRefusal}
        onCreate={create}
      >
        <AutopilotMenu projectId={project.id} onOpenTicket={(ticket) => show({ ticket })} />
        <BoardMenu
          projectId={project.id}
          createRefusal={project.archivedAtMs === null ? createRefusal : "the project is archived."}
          onOpenTicket={(ticket) => show({ ticket })}
        />
      </BoardBar>
      <ViewBar look={look} projectId={project.id} />
      {moveRefusal !== null && (
        <p className="shrink-0 px-5 pb-2 text-xs text-muted lg:hidden">Moving tickets: {moveRefusal}</p>
      )}
      {failure !== null && (
        <Failure
          error={failure}
          kept="The board below may be old; the page loads it again by itself."
          className="mx-4 mb-3"
        />
      )}
      {total === 0 ? (
        <Empty
          icon={<Plus aria-hidden />}
          title="This board is empty"
          action={
            createRefusal === null && (
              <Button look="primary" onClick={create}>
                New ticket
              </Button>
            )
          }
        >
          Tickets say what should be done. An agent can take one and turn it into a pull request.
        </Empty>
      ) : (
        <BoardViews
          look={look}
          columns={columns}
          openTicket={openTicket}
          onOpen={(ticket) => show({ ticket })}
          lookers={lookers}
          mayMove={moveRefusal === null}
        />
      )}
      {openTicket !== null && <TicketDrawer ticketId={openTicket} onClose={() => show({})} />}
      <NewTicketDialog
        open={creating && createRefusal === null}
        onOpenChange={(open) => show(open ? { new: "1" } : {})}
        project={project}
        onCreated={(ticket) => show({ ticket: ticket.id })}
      />
    </div>
  );
}

/** The others who have the board open, and those of them who look at each ticket. */
function usePresence(store: BoardStore) {
  const people = useBoard(store, ({ model }) => model.people);
  const { me } = useMe();
  return useMemo(() => presenceOf(people, me.user.id), [people, me.user.id]);
}

function presenceOf(people: readonly BoardPresence[], self: string) {
  const others = new Map<string, Person>();
  const lookers = new Map<string, readonly Person[]>();
  for (const { person, ticketId } of people) {
    if (person.id === self) continue;
    others.set(person.id, person);
    if (ticketId !== null) lookers.set(ticketId, [...(lookers.get(ticketId) ?? []), person]);
  }
  return { others: [...others.values()], lookers };
}

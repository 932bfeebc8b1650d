import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Board, BoardPresence } from "../../../contracts/board.ts";
import type { Person } from "../../../contracts/common.ts";
import type { Project } from "../../../contracts/project.ts";
import { Button } from "../../components/ui/button.tsx";
import { Empty, Failure } from "../../components/ui/notices.tsx";
import { setConnection } from "../../lib/connection.ts";
import { useHotkey } from "../../lib/hotkeys.ts";
import { useMe } from "../../lib/me.ts";
import { noteProject } from "../../lib/project-writes.ts";
import { isOpen } from "../../lib/projects.ts";
import { boardQuery, meQuery } from "../../lib/queries.ts";
import { ArchivedBanner } from "./archived-banner.tsx";
import { AutopilotMenu } from "./autopilot/autopilot-menu.tsx";
import { BoardBar } from "./bar.tsx";
import { BoardTalk } from "./drawer/conversation/talk.ts";
import { TicketDrafts } from "./drawer/drafts.ts";
import { TicketDrawer } from "./drawer/ticket-drawer.tsx";
import { followBoard } from "./follow.ts";
import { BoardTabs } from "./layout/board-tabs.tsx";
import { NewTicketDialog } from "./new-ticket.tsx";
import { BoardPartsProvider } from "./parts.ts";
import { useBoardRefusal } from "./refusal.ts";
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
  /** The parent of the ticket that is being made. */
  readonly newParent: string | undefined;
  readonly show: (search: { ticket?: string; new?: string }) => void;
}

/** A project's board, which follows every change of it. */
export function LiveBoard({ board, failure, openTicket, creating, newParent, show }: LiveBoardProps) {
  const projectId = board.project.id;
  const queryClient = useQueryClient();
  const { me } = useMe();
  const shown = useRef(show);
  useEffect(() => {
    shown.current = show;
  });
  const [parts] = useState(() => {
    const store = new BoardStore(board);
    const writes = new BoardWrites(projectId, store, queryClient);
    const open = (ticket: string) => shown.current({ ticket });
    return {
      ...{ store, writes, likes: new LikeStore(store), fieldAsk: new FieldAsk() },
      drafts: new TicketDrafts(writes, open),
      talk: new BoardTalk(queryClient, me.user.id, open),
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
      <BoardView {...{ store, failure, openTicket, creating, newParent, show }} />
    </BoardPartsProvider>
  );
}

function BoardView({
  store,
  failure,
  openTicket,
  creating,
  newParent,
  show,
}: Omit<LiveBoardProps, "board"> & { store: BoardStore }) {
  const project = useBoard(store, ({ model }) => model.project);
  const total = useBoard(store, ({ tickets }) => tickets.size);
  const { lookers, others } = usePresence(store);
  const look = useLook(store);
  const { address, board, shown } = look;
  const createRefusal = useBoardRefusal("ticket.create");
  const moveRefusal = useBoardRefusal("ticket.move");
  // The banner says it once for everything.
  const moveWords = isOpen(project) ? moveRefusal : null;
  useProjectElsewhere(project);
  const create = () => show({ new: "1" });
  const parent = useBoard(store, ({ tickets }) => (newParent === undefined ? undefined : tickets.get(newParent)));
  // A child's form was opened from the parent's drawer, which is shown again after it.
  const back = parent === undefined ? {} : { ticket: parent.id };
  useHotkey("c", create, { enabled: createRefusal === null });
  return (
    <div className="flex h-full flex-col">
      <h1 className="sr-only">Board of {project.name}</h1>
      {!isOpen(project) && <ArchivedBanner project={project} />}
      <BoardBar
        filter={address.filter.text}
        onFilter={address.setText}
        filtered={look.filtered}
        shown={shown}
        total={look.total}
        others={others}
        createRefusal={createRefusal}
        moveRefusal={moveWords}
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
      {moveWords !== null && (
        <p className="shrink-0 px-5 pb-2 text-xs text-muted lg:hidden">Moving tickets: {moveWords}</p>
      )}
      {failure !== null && (
        <Failure
          error={failure}
          kept="The board below may be old; the page loads it again by itself."
          className="mx-4 mb-3"
        />
      )}
      {board !== undefined && <BoardTabs shown={board} onShow={(id) => address.change({ board: id })} />}
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
          openTicket={openTicket}
          onOpen={(ticket) => show({ ticket })}
          lookers={lookers}
          mayMove={moveRefusal === null}
        />
      )}
      {openTicket !== null && <TicketDrawer ticketId={openTicket} onClose={() => show({})} />}
      <NewTicketDialog
        open={creating && createRefusal === null}
        onOpenChange={(open) => show(open ? { new: "1" } : back)}
        project={project}
        board={board}
        parent={parent}
        onCreated={(ticket) => show({ ticket: ticket.id, ...back })}
      />
    </div>
  );
}

/** Brings what the board has heard of its project to the lists of projects. */
function useProjectElsewhere(project: Project): void {
  const queryClient = useQueryClient();
  // The snapshot that the page begins with may be older than the lists.
  const known = useRef(project);
  useEffect(() => {
    if (known.current === project) return;
    known.current = project;
    noteProject(queryClient, project);
  }, [queryClient, project]);
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

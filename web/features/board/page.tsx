import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { FolderKanban } from "lucide-react";
import { useRef } from "react";
import { buttonClass } from "../../components/ui/button.tsx";
import { Empty, Failure } from "../../components/ui/notices.tsx";
import { useCrumbs } from "../../lib/crumbs.ts";
import { useCan } from "../../lib/me.ts";
import { isOpen } from "../../lib/projects.ts";
import { boardQuery, projectsQuery } from "../../lib/queries.ts";
import { BoardSkeleton } from "./board-skeleton.tsx";
import { LiveBoard } from "./live-board.tsx";
import { keptOf, type BoardSearch } from "./views/address.ts";

/** A project's tickets by column: the project of the address, or the first one that is not archived. */
export function BoardPage() {
  const { projectId } = useParams({ strict: false });
  const projects = useQuery(projectsQuery);
  // The page stays with the project that it began with, also when somebody archives that one.
  const first = useRef<string>(undefined);
  first.current ??= projects.data?.find(isOpen)?.id;
  const shown = projectId ?? first.current;
  const project = projects.data?.find((each) => each.id === shown);
  useCrumbs(
    ...(project === undefined ? [{ label: "Board" }] : [{ label: "Board", href: "/board" }, { label: project.name }]),
  );
  if (shown !== undefined) return <ProjectBoard key={shown} projectId={shown} />;
  if (projects.isError)
    return <Failure error={projects.error} onRetry={() => void projects.refetch()} className="m-4" />;
  if (projects.isPending) return <BoardSkeleton />;
  return <NoProject hasArchived={projects.data.length > 0} />;
}

function NoProject({ hasArchived }: { hasArchived: boolean }) {
  const mayCreate = useCan("project.create");
  return (
    <Empty
      icon={<FolderKanban aria-hidden />}
      title={hasArchived ? "No open project" : "No project yet"}
      action={
        mayCreate ? (
          <Link to="/settings/projects" search={{ new: "1" }} className={buttonClass("primary")}>
            New project
          </Link>
        ) : (
          hasArchived && (
            <Link to="/settings/projects" className={buttonClass()}>
              See the projects
            </Link>
          )
        )
      }
    >
      {hasArchived ? "Every project is archived. " : "A board belongs to a project. "}
      {mayCreate
        ? hasArchived && "They stand in the settings, where they can be unarchived."
        : "Ask an admin or a pm of this tenant to add one."}
    </Empty>
  );
}

function ProjectBoard({ projectId }: { projectId: string }) {
  // The socket brings what comes later; what came since the last visit is asked for at once.
  const board = useQuery({ ...boardQuery(projectId), refetchOnMount: "always" });
  const search: BoardSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  if (board.isPending) return <BoardSkeleton />;
  if (board.data === undefined)
    return <Failure error={board.error} onRetry={() => void board.refetch()} className="m-4" />;
  return (
    <LiveBoard
      board={board.data}
      failure={board.isError ? board.error : null}
      openTicket={search.ticket ?? null}
      creating={search.new !== undefined}
      newParent={search.parent}
      show={(next) => void navigate({ to: ".", search: { ...keptOf(search), ...next } })}
    />
  );
}

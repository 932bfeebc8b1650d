import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Columns3 } from "lucide-react";
import type { Project } from "../../../../contracts/project.ts";
import { HiddenRepositories } from "../../../components/visibility.tsx";
import { Tag } from "../../../components/ui/badges.tsx";
import { buttonClass } from "../../../components/ui/button.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { useCrumbs } from "../../../lib/crumbs.ts";
import { useProjectRefusal } from "../../../lib/me.ts";
import { isOpen } from "../../../lib/projects.ts";
import { projectQuery, projectsQuery } from "../../../lib/queries.ts";
import { AddRepositories } from "../delivery/add.tsx";
import { SettingsFrame } from "../frame.tsx";
import { useUnsaved } from "../unsaved.tsx";
import { ArchiveSection } from "./archive.tsx";
import { ProjectForm } from "./form.tsx";

const route = getRouteApi("/shell/settings/projects/$projectId");

/** One project: its name, key and description, its repositories, and whether it is archived. */
export function ProjectPage() {
  const { projectId } = route.useParams();
  const listed = useQuery(projectsQuery).data?.find(({ id }) => id === projectId);
  const query = useQuery({ ...projectQuery(projectId), ...(listed === undefined ? {} : { placeholderData: listed }) });
  const project = query.data;
  useCrumbs(
    { label: "Settings", href: "/settings" },
    { label: "Projects", href: "/settings/projects" },
    ...(project === undefined ? [] : [{ label: project.name }]),
  );
  return (
    <SettingsFrame>
      {project !== undefined ? (
        <ProjectParts key={projectId} project={project} />
      ) : query.isError ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <div role="status" aria-label="Loading the project" className="flex flex-col gap-4">
          <Skeleton className="h-7 w-56" />
          <Skeleton className="h-72 w-full rounded-xl" />
          <Skeleton className="h-28 w-full rounded-xl" />
        </div>
      )}
    </SettingsFrame>
  );
}

function ProjectParts({ project }: { project: Project }) {
  const refusal = useProjectRefusal(project, "project.update");
  const { dialog, mark } = useUnsaved();
  return (
    <>
      <header>
        <div className="flex flex-wrap items-center gap-2.5">
          <h1 className="min-w-0 text-xl font-semibold tracking-tight break-words">{project.name}</h1>
          {!isOpen(project) && <Tag tone="amber">archived</Tag>}
          <Link
            to="/projects/$projectId/board"
            params={{ projectId: project.id }}
            className={buttonClass("secondary", "md", "ml-auto")}
          >
            <Columns3 className="size-4" aria-hidden />
            Open the board
          </Link>
        </div>
        {refusal !== null && <p className="mt-1 text-muted">{isOpen(project) ? `Changing it: ${refusal}` : refusal}</p>}
      </header>
      <ProjectForm project={project} refusal={refusal} onDirty={mark} />
      <section aria-label="Repositories" className="rounded-xl border border-line bg-card px-4 py-3.5">
        <header className="flex min-h-7 flex-wrap items-center gap-2">
          <h2 className="min-w-0 flex-1 font-semibold">Repositories</h2>
          {refusal === null && <AddRepositories project={project} />}
        </header>
        <RepositoryList project={project} />
      </section>
      <ArchiveSection project={project} />
      {dialog}
    </>
  );
}

function RepositoryList({ project: { hiddenRepositoryCount, repositories } }: { project: Project }) {
  return (
    <div className="mt-2 flex flex-col gap-2">
      {repositories.length === 0 && hiddenRepositoryCount === 0 && (
        <p className="text-muted">It has none yet. Agents work on the repositories that are added here.</p>
      )}
      {repositories.length > 0 && (
        <ul className="overflow-hidden rounded-lg border border-line">
          {repositories.map(({ description, id, name, owner, primaryLanguage }, index) => (
            <li key={id} className="flex min-h-10 items-center gap-2 border-b border-line px-3 py-1.5 last:border-b-0">
              <span className="min-w-0 flex-1">
                <span className="block truncate">
                  {owner}/{name}
                </span>
                {description !== null && <span className="block truncate text-xs text-muted">{description}</span>}
              </span>
              {index === 0 && <Tag title="The one that a run means when it names none">first</Tag>}
              {primaryLanguage !== null && <span className="shrink-0 text-xs text-muted">{primaryLanguage}</span>}
            </li>
          ))}
        </ul>
      )}
      <HiddenRepositories count={hiddenRepositoryCount} />
      {repositories.length > 0 && (
        <p className="text-xs text-muted">
          Tests and the order of delivery are set under{" "}
          <Link to="/settings/repositories" className="underline underline-offset-2 hover:text-text">
            Repositories
          </Link>
          .
        </p>
      )}
    </div>
  );
}

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { FolderKanban, Plus } from "lucide-react";
import { useRef } from "react";
import type { Project } from "../../../../contracts/project.ts";
import { Button } from "../../../components/ui/button.tsx";
import { Empty, Failure } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { useCrumbs } from "../../../lib/crumbs.ts";
import { plural } from "../../../lib/format.ts";
import { useRefusal } from "../../../lib/me.ts";
import { isOpen } from "../../../lib/projects.ts";
import { projectsQuery } from "../../../lib/queries.ts";
import { SettingsFrame } from "../frame.tsx";
import { NewProjectDialog } from "./new-project.tsx";

const route = getRouteApi("/shell/settings/projects");

/** The tenant's projects, the archived ones apart, and a new one. */
export function ProjectsPage() {
  useCrumbs({ label: "Settings", href: "/settings" }, { label: "Projects" });
  const projects = useQuery(projectsQuery);
  const refusal = useRefusal("project.create");
  const search = route.useSearch();
  const navigate = useNavigate();
  const button = useRef<HTMLButtonElement>(null);
  const ask = (open: boolean) =>
    void navigate({ to: "/settings/projects", search: open ? { new: "1" } : {}, replace: true });
  return (
    <SettingsFrame>
      <header className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1 basis-80">
          <h1 className="text-xl font-semibold tracking-tight">Projects</h1>
          <p className="mt-1 text-muted">A project has boards, repositories, a budget and an autopilot of its own.</p>
          {refusal !== null && <p className="mt-1 text-muted">Making one: {refusal}</p>}
        </div>
        {refusal === null && (
          <Button ref={button} onClick={() => ask(true)}>
            <Plus className="size-4" aria-hidden />
            New project
          </Button>
        )}
      </header>
      {projects.data !== undefined ? (
        <ProjectGroups projects={projects.data} />
      ) : projects.isError ? (
        <Failure error={projects.error} onRetry={() => void projects.refetch()} />
      ) : (
        <SkeletonRows count={3} />
      )}
      {search.new !== undefined && refusal === null && (
        <NewProjectDialog returnFocus={button} onClose={() => ask(false)} />
      )}
    </SettingsFrame>
  );
}

function ProjectGroups({ projects }: { projects: readonly Project[] }) {
  const open = projects.filter(isOpen);
  const archived = projects.filter((each) => !isOpen(each));
  return (
    <>
      {open.length > 0 ? (
        <ProjectList name="Projects" projects={open} />
      ) : (
        <Empty icon={<FolderKanban aria-hidden />} title={archived.length === 0 ? "No project yet" : "No open project"}>
          Tickets, boards and runs belong to a project.
        </Empty>
      )}
      {archived.length > 0 && (
        <section aria-label="Archived">
          <h2 className="text-xs text-muted">Archived</h2>
          <p className="mt-0.5 mb-2 text-muted">They can be read, and take changes once they are unarchived.</p>
          <ProjectList name="Archived projects" projects={archived} />
        </section>
      )}
    </>
  );
}

function ProjectList({ name, projects }: { name: string; projects: readonly Project[] }) {
  return (
    <ul aria-label={name} className="overflow-hidden rounded-xl border border-line bg-card">
      {projects.map((project) => (
        <li key={project.id} className="border-b border-line last:border-b-0">
          <Link
            to="/settings/projects/$projectId"
            params={{ projectId: project.id }}
            className="flex min-h-12 items-center gap-3 px-3 py-2 -outline-offset-2 hover:bg-hover"
          >
            <span className="flex h-5 w-14 shrink-0 items-center justify-center rounded bg-active font-mono text-[10px] font-semibold text-soft">
              {project.key}
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{project.name}</span>
              {project.description.trim() !== "" && (
                <span className="block truncate text-xs text-muted">{project.description.trim().split("\n")[0]}</span>
              )}
            </span>
            <span className="shrink-0 text-right text-xs text-muted">
              {project.archivedAtMs === null ? (
                plural(project.repositories.length + project.hiddenRepositoryCount, "repository", "repositories")
              ) : (
                <>
                  archived <TimeAgo atMs={project.archivedAtMs} />
                </>
              )}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

import { useQuery } from "@tanstack/react-query";
import { GitPullRequestArrow } from "lucide-react";
import { Empty, Failure } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { useCrumbs } from "../../../lib/crumbs.ts";
import { openFirst } from "../../../lib/projects.ts";
import { projectsQuery } from "../../../lib/queries.ts";
import { SettingsFrame } from "../frame.tsx";
import { DeliveryCard } from "./card.tsx";
import { Installations } from "./installations.tsx";

/** The repositories of each project, and how runs over several of them are delivered. */
export function DeliveryPage() {
  useCrumbs({ label: "Settings", href: "/settings" }, { label: "Repositories" });
  const projects = useQuery(projectsQuery);
  return (
    <SettingsFrame>
      <header>
        <h1 className="text-xl font-semibold tracking-tight">Repositories</h1>
        <p className="mt-1 text-muted">
          How runs over several repositories of a project are delivered, how each is tested, and which is written before
          which. A change counts for runs that start later.
        </p>
      </header>
      <Installations />
      {projects.data === undefined ? (
        projects.isError ? (
          <Failure error={projects.error} onRetry={() => void projects.refetch()} />
        ) : (
          <SkeletonRows count={3} />
        )
      ) : projects.data.length === 0 ? (
        <Empty icon={<GitPullRequestArrow aria-hidden />} title="No project yet">
          A project delivers its runs once there is one.
        </Empty>
      ) : (
        <div className="flex flex-col gap-3">
          {openFirst(projects.data).map((project) => (
            <DeliveryCard key={project.id} project={project} />
          ))}
        </div>
      )}
    </SettingsFrame>
  );
}

import { useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import type { Project } from "../../../contracts/project.ts";
import { Empty, Failure } from "../../components/ui/notices.tsx";
import { SkeletonRows } from "../../components/ui/skeleton.tsx";
import { openFirst } from "../../lib/projects.ts";
import { projectsQuery } from "../../lib/queries.ts";

interface OpenProjectsProps {
  readonly icon: ReactNode;
  /** The sentence for a tenant without a project. */
  readonly empty: string;
  readonly children: (project: Project) => ReactNode;
}

/** Something for each project of the tenant, those that are not archived first. */
export function OpenProjects({ icon, empty, children }: OpenProjectsProps) {
  const { data, error, isError, refetch } = useQuery(projectsQuery);
  if (data === undefined)
    return isError ? <Failure error={error} onRetry={() => void refetch()} /> : <SkeletonRows count={3} />;
  if (data.length === 0)
    return (
      <Empty icon={icon} title="No project yet">
        {empty}
      </Empty>
    );
  return (
    <div className="flex flex-col gap-3">
      {openFirst(data).map((project) => (
        <Fragment key={project.id}>{children(project)}</Fragment>
      ))}
    </div>
  );
}

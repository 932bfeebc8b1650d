import { useQuery } from "@tanstack/react-query";
import { Wallet } from "lucide-react";
import { Empty, Failure } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { useCrumbs } from "../../../lib/crumbs.ts";
import { openFirst } from "../../../lib/projects.ts";
import { projectsQuery } from "../../../lib/queries.ts";
import { SettingsFrame } from "../frame.tsx";
import { BudgetCard } from "./card.tsx";

/** Each project's monthly budget, its spend, and the limits that its runs begin with. */
export function BudgetsPage() {
  useCrumbs({ label: "Settings", href: "/settings" }, { label: "Budgets" });
  const projects = useQuery(projectsQuery);
  return (
    <SettingsFrame>
      <header>
        <h1 className="text-xl font-semibold tracking-tight">Budgets</h1>
        <p className="mt-1 text-muted">
          A project’s budget counts all its runs in a UTC calendar month. Every model call is reserved before it is
          made, so runs that work at once go over it by one call at most. When it is used up, runs stop and wait;
          nothing is lost.
        </p>
      </header>
      {projects.data === undefined ? (
        projects.isError ? (
          <Failure error={projects.error} onRetry={() => void projects.refetch()} />
        ) : (
          <SkeletonRows count={3} />
        )
      ) : projects.data.length === 0 ? (
        <Empty icon={<Wallet aria-hidden />} title="No project yet">
          A project has a budget once there is one.
        </Empty>
      ) : (
        <div className="flex flex-col gap-3">
          {openFirst(projects.data).map((project) => (
            <BudgetCard key={project.id} project={project} />
          ))}
        </div>
      )}
    </SettingsFrame>
  );
}

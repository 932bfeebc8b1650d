import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Project } from "../../../contracts/project.ts";
import { Failure } from "../../components/ui/notices.tsx";
import { SkeletonRows } from "../../components/ui/skeleton.tsx";
import { useCrumbs } from "../../lib/crumbs.ts";
import { useMe } from "../../lib/me.ts";
import { openFirst } from "../../lib/projects.ts";
import { projectsQuery } from "../../lib/queries.ts";
import { InstructionCard } from "./instruction-card.tsx";
import { SettingsFrame } from "./frame.tsx";
import { useUnsaved } from "./unsaved.tsx";

/** The instructions of the tenant, its projects and its repositories to every agent. Leaving with unsaved text asks for confirmation. */
export function SettingsPage() {
  useCrumbs({ label: "Settings" });
  const { tenant } = useMe();
  const projects = useQuery(projectsQuery);
  const { mark, dialog } = useUnsaved();
  return (
    <SettingsFrame>
      <header>
        <h1 className="text-xl font-semibold tracking-tight">Instructions</h1>
        <p className="mt-1 text-muted">
          Every agent reads these before it starts: first the tenant’s, then the project’s, then the repository’s, then
          the ticket and the prompt. A change counts for stages that start later; a run’s Prompts tab shows what the
          text that each of them read.
        </p>
      </header>
      <Group title="Tenant">
        <InstructionCard scope="tenant" scopeId={null} name={tenant.name} onDirty={mark} startsOpen />
      </Group>
      {projects.data === undefined ? (
        projects.isError ? (
          <Failure error={projects.error} onRetry={() => void projects.refetch()} />
        ) : (
          <SkeletonRows count={3} />
        )
      ) : (
        <>
          <Group title="Projects" none="There is no project yet.">
            {openFirst(projects.data).map((project) => (
              <InstructionCard
                key={project.id}
                scope="project"
                scopeId={project.id}
                name={project.name}
                archivedAtMs={project.archivedAtMs}
                onDirty={mark}
              />
            ))}
          </Group>
          <Group title="Repositories" none="No project has a repository that you see.">
            {repositoriesOf(projects.data).map((repository) => (
              <InstructionCard
                key={repository.id}
                scope="repository"
                scopeId={repository.id}
                name={`${repository.owner}/${repository.name}`}
                onDirty={mark}
              />
            ))}
          </Group>
        </>
      )}
      {dialog}
    </SettingsFrame>
  );
}

/** Every repository once, however many projects it serves. */
function repositoriesOf(projects: readonly Project[]): readonly Project["repositories"][number][] {
  return [...new Map(projects.flatMap((each) => each.repositories).map((each) => [each.id, each])).values()];
}

function Group({ title, none, children }: { title: string; none?: string; children: ReactNode }) {
  const empty = Array.isArray(children) && children.length === 0;
  return (
    <section aria-label={title}>
      <h2 className="mb-2 text-xs text-muted">{title}</h2>
      {empty ? <p className="text-muted">{none}</p> : <div className="flex flex-col gap-2">{children}</div>}
    </section>
  );
}

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Project } from "../../../../contracts/project.ts";
import { Button } from "../../../components/ui/button.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { useRefusal } from "../../../lib/me.ts";
import { setArchived } from "../../../lib/project-writes.ts";

/** Archives a project, which can be undone, or unarchives it; says what either means. */
export function ArchiveSection({ project }: { project: Project }) {
  const refusal = useRefusal("project.update");
  const queryClient = useQueryClient();
  const set = useMutation({ mutationFn: async (isArchived: boolean) => setArchived(queryClient, project, isArchived) });
  const { archivedAtMs } = project;
  return (
    <section aria-label="Archive" className="rounded-xl border border-line bg-card px-4 py-3.5">
      <h2 className="font-semibold">{archivedAtMs === null ? "Archive the project" : "The project is archived"}</h2>
      <div className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-2.5">
        <p className="min-w-0 flex-1 basis-72 text-muted">
          {archivedAtMs === null ? (
            "Its board can be read, nothing can be changed, its autopilot starts nothing. Runs under way go on. It can be unarchived at any time."
          ) : (
            <>
              It was archived <TimeAgo atMs={archivedAtMs} />. Its board can be read, nothing can be changed, its
              autopilot starts nothing. Everything is as it was once it is unarchived.
            </>
          )}
        </p>
        {refusal === null ? (
          <Button busy={set.isPending} onClick={() => set.mutate(archivedAtMs === null)}>
            {archivedAtMs === null ? "Archive" : "Unarchive"}
          </Button>
        ) : (
          <p className="text-xs text-muted">{refusal}</p>
        )}
      </div>
    </section>
  );
}

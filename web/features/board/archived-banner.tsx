import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Archive } from "lucide-react";
import type { Project } from "../../../contracts/project.ts";
import { Button } from "../../components/ui/button.tsx";
import { useCan } from "../../lib/me.ts";
import { setArchived } from "../../lib/project-writes.ts";
import { archivedRefusal } from "../../lib/projects.ts";

/** Above the board of an archived project: nothing can be changed, and the way out for those who may take it. */
export function ArchivedBanner({ project }: { project: Project }) {
  const mayUnarchive = useCan("project.update");
  const queryClient = useQueryClient();
  const unarchive = useMutation({ mutationFn: async () => setArchived(queryClient, project, false) });
  return (
    <div
      role="status"
      className="flex min-h-11 shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-panel px-4 py-1.5"
    >
      <Archive className="size-4 shrink-0 text-muted" aria-hidden />
      <p className="min-w-0 flex-1 text-soft">{archivedRefusal}</p>
      {mayUnarchive && (
        <Button size="sm" busy={unarchive.isPending} onClick={() => unarchive.mutate()}>
          Unarchive
        </Button>
      )}
    </div>
  );
}

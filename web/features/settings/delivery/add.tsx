import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import type { Project } from "../../../../contracts/project.ts";
import { CheckVisibility } from "../../../components/visibility.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { Dialog } from "../../../components/ui/dialog.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { api, bodyOf } from "../../../lib/api.ts";
import { putProject } from "../../../lib/project-writes.ts";
import { connectorsQuery, projectDeliveryQuery, repositoriesQuery } from "../../../lib/queries.ts";
import { visibilityText } from "../../../lib/visibility.ts";

/** A button that opens the list of repositories that the person sees and the project doesn't have. */
export function AddRepositories({ project }: { project: Project }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`Add repositories to ${project.name}`}
      trigger={
        <Button size="sm">
          <Plus className="size-3.5" aria-hidden />
          Add repositories
        </Button>
      }
    >
      {open && <AddForm project={project} onDone={() => setOpen(false)} />}
    </Dialog>
  );
}

function AddForm({ project, onDone }: { project: Project; onDone: () => void }) {
  const queryClient = useQueryClient();
  const all = useQuery(repositoriesQuery);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const add = useMutation({
    mutationFn: (repositoryIds: readonly string[]) =>
      bodyOf(
        api.POST("/api/projects/{id}/repositories", {
          params: { path: { id: project.id } },
          body: { repositoryIds: [...repositoryIds] },
        }),
      ),
    onSuccess: async (changed) => {
      putProject(queryClient, changed);
      await queryClient.invalidateQueries({ queryKey: projectDeliveryQuery(project.id).queryKey });
      onDone();
    },
  });
  if (all.data === undefined)
    return all.isError ? (
      <Failure error={all.error} onRetry={() => void all.refetch()} />
    ) : (
      <SkeletonRows count={3} className="h-10" />
    );
  const free = all.data.filter(({ id }) => !project.repositories.some((each) => each.id === id));
  if (free.length === 0)
    return (
      <div className="flex flex-col gap-3">
        <p className="text-muted">The project has every repository of this tenant that you see.</p>
        <UnseenRepositories />
      </div>
    );
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(picked);
      }}
    >
      <ul className="overflow-hidden rounded-lg border border-line">
        {free.map(({ description, id, name, owner }) => (
          <li key={id} className="border-b border-line last:border-b-0">
            <label className="flex min-h-10 cursor-pointer items-center gap-2.5 px-3 py-1.5 hover:bg-hover">
              <input
                type="checkbox"
                className="size-4 shrink-0 accent-(--lime)"
                checked={picked.includes(id)}
                onChange={(event) =>
                  setPicked(event.target.checked ? [...picked, id] : picked.filter((each) => each !== id))
                }
              />
              <span className="min-w-0">
                <span className="block truncate">
                  {owner}/{name}
                </span>
                {description !== null && <span className="block truncate text-xs text-muted">{description}</span>}
              </span>
            </label>
          </li>
        ))}
      </ul>
      <UnseenRepositories />
      {add.isError && <Failure error={add.error} kept="The project has the same repositories as before." />}
      <Button type="submit" look="primary" className="self-start" busy={add.isPending} disabled={picked.length === 0}>
        Add
      </Button>
    </form>
  );
}

/** Says which installations have repositories that the person does not see, and why. Nothing when they see all. */
function UnseenRepositories() {
  const { data = [] } = useQuery(connectorsQuery);
  const partly = data.filter(
    ({ repositoryCount, visibility }) => visibility !== null && visibility.seenCount < repositoryCount,
  );
  if (partly.length === 0) return null;
  return (
    <div className="flex flex-col items-start gap-1.5 text-xs text-muted">
      {partly.map((connector) => (
        <p key={connector.id}>
          <span className="font-medium">{connector.accountLogin}:</span> {visibilityText(connector)}
        </p>
      ))}
      <CheckVisibility />
    </div>
  );
}

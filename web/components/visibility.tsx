import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { api, bodyOf } from "../lib/api.ts";
import { connectorsQuery, projectsQuery, repositoriesQuery } from "../lib/queries.ts";
import { hiddenText } from "../lib/visibility.ts";
import { Button } from "./ui/button.tsx";
import { Failure } from "./ui/notices.tsx";

/** Loads everything anew that lists repositories. */
export function useReloadRepositories(): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    const keys = [connectorsQuery.queryKey, repositoriesQuery.queryKey, projectsQuery.queryKey, ["project"], ["board"]];
    await Promise.all(keys.map(async (queryKey) => queryClient.invalidateQueries({ queryKey })));
  };
}

/** A button that asks GitHub which repositories the signed-in person sees now. */
export function CheckVisibility() {
  const reload = useReloadRepositories();
  const check = useMutation({
    mutationFn: async () => bodyOf(api.POST("/api/connectors/visibility")),
    onSuccess: reload,
  });
  return (
    <>
      <Button size="sm" busy={check.isPending} onClick={() => check.mutate()}>
        <RotateCcw className="size-3.5" aria-hidden />
        Check what I see
      </Button>
      {check.isError && <Failure error={check.error} kept="Your list is the same as before." className="w-full" />}
    </>
  );
}

/** Tells a person about a project's repositories that they don't see, with the way to ask GitHub again. Nothing when they see all. */
export function HiddenRepositories({ count }: { count: number }) {
  const text = hiddenText(count);
  if (text === null) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5 text-xs text-muted">
      <p className="min-w-0 flex-1 basis-52">{text}</p>
      <CheckVisibility />
    </div>
  );
}

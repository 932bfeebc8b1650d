import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "../../lib/api.ts";
import { runQuery } from "../../lib/queries.ts";

type Verb = "cancel" | "resume" | "pause";

/** Cancels, pauses or resumes the run. `verb` is the one that was sent last. */
export function useRunAction(runId: string) {
  const queryClient = useQueryClient();
  const mutation = useMutation({
    mutationFn: (verb: Verb) => bodyOf(api.POST(`/api/runs/{id}/${verb}`, { params: { path: { id: runId } } })),
    onSuccess: (run) => {
      queryClient.setQueryData(runQuery(runId).queryKey, run);
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  const { isPending, isSuccess, isError, error, variables } = mutation;
  return { isPending, isSuccess, isError, error, verb: variables ?? null, send: mutation.mutate };
}

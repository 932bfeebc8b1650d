import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Run } from "../../../../contracts/run.ts";
import { api, bodyOf } from "../../../lib/api.ts";
import { runQuery } from "../../../lib/queries.ts";

interface Choice {
  readonly repositoryIds: readonly string[];
  readonly reason: string;
}

/** Changes which of its repositories the run works on. */
export function useChooseRepositories(runId: string) {
  const keep = useKeepRun(runId);
  return useMutation({
    mutationFn: ({ reason, repositoryIds }: Choice) =>
      bodyOf(
        api.PUT("/api/runs/{id}/repositories", {
          params: { path: { id: runId } },
          body: { repositoryIds: [...repositoryIds], reason },
        }),
      ),
    onSuccess: keep,
  });
}

/** Sets the order of the run's repositories, and resumes the run where `resume` is true. */
export function useOrderRepositories(runId: string, resume: boolean) {
  const keep = useKeepRun(runId);
  return useMutation({
    mutationFn: async (repositoryIds: readonly string[]) => {
      const params = { path: { id: runId } };
      const ordered = await bodyOf(
        api.PUT("/api/runs/{id}/repository-order", { params, body: { repositoryIds: [...repositoryIds] } }),
      );
      return resume ? bodyOf(api.POST("/api/runs/{id}/resume", { params })) : ordered;
    },
    onSuccess: keep,
  });
}

function useKeepRun(runId: string): (run: Run) => void {
  const queryClient = useQueryClient();
  return (run) => {
    queryClient.setQueryData(runQuery(runId).queryKey, run);
    void queryClient.invalidateQueries({ queryKey: ["runs"] });
  };
}

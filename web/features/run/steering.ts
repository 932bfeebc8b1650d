import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Run, RunLimits } from "../../../contracts/run.ts";
import { api } from "../../lib/api.ts";
import { runQuery } from "../../lib/queries.ts";

/** Sends a message that the agent reads before its next turn. */
export function useSendMessage(runId: string) {
  return useMutation({
    mutationFn: (text: string) =>
      api<{ messageId: string }>("POST", `/api/runs/${encodeURIComponent(runId)}/messages`, { text }),
  });
}

/** Takes back a message that still waits. */
export function useRemoveMessage(runId: string) {
  return useMutation({
    mutationFn: (messageId: string) =>
      api<undefined>("DELETE", `/api/runs/${encodeURIComponent(runId)}/messages/${encodeURIComponent(messageId)}`),
  });
}

/** Answers what the agent asks; the run goes on by itself. */
export function useAnswer(runId: string) {
  return useMutation({
    mutationFn: (text: string) => api<unknown>("POST", `/api/runs/${encodeURIComponent(runId)}/answer`, { text }),
  });
}

/** Sets what the run may use up; what is absent stays, null lifts a limit. It does not resume a run that has stopped. */
export function useSetLimits(runId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (limits: RunLimits) => api<Run>("PUT", `/api/runs/${encodeURIComponent(runId)}/limits`, limits),
    onSuccess: (run) => queryClient.setQueryData(runQuery(runId).queryKey, run),
  });
}

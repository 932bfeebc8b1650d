import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { RunLimits } from "../../../contracts/run.ts";
import { api, bodyOf, done } from "../../lib/api.ts";
import { runQuery } from "../../lib/queries.ts";

/** Sends a message that the agent reads before its next turn. */
export function useSendMessage(runId: string) {
  return useMutation({
    mutationFn: (text: string) =>
      bodyOf(api.POST("/api/runs/{id}/messages", { params: { path: { id: runId } }, body: { text } })),
  });
}

/** Takes back a message that still waits. */
export function useRemoveMessage(runId: string) {
  return useMutation({
    mutationFn: (messageId: string) =>
      done(api.DELETE("/api/runs/{id}/messages/{messageId}", { params: { path: { id: runId, messageId } } })),
  });
}

/** Answers the agent’s question; the run then resumes by itself. */
export function useAnswer(runId: string) {
  return useMutation({
    mutationFn: (text: string) =>
      bodyOf(api.POST("/api/runs/{id}/answer", { params: { path: { id: runId } }, body: { text } })),
  });
}

/** Sets the run’s limits: an absent one stays, null lifts it. A run that has stopped is not resumed by it. */
export function useSetLimits(runId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (limits: RunLimits) =>
      bodyOf(api.PUT("/api/runs/{id}/limits", { params: { path: { id: runId } }, body: limits })),
    onSuccess: (run) => queryClient.setQueryData(runQuery(runId).queryKey, run),
  });
}

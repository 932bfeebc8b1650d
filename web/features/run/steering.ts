import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import type { RunLimits } from "../../../contracts/run.ts";
import { api, bodyOf, done } from "../../lib/api.ts";
import { runQuery } from "../../lib/queries.ts";

/** Sends a message that the agent reads before its next turn. The same text sent again after a failure is queued once. */
export function useSendMessage(runId: string) {
  const tried = useRef<{ readonly text: string; readonly idempotencyKey: string }>(undefined);
  return useMutation({
    mutationFn: (text: string) => {
      if (tried.current?.text !== text) tried.current = { text, idempotencyKey: crypto.randomUUID() };
      return bodyOf(api.POST("/api/runs/{id}/messages", { params: { path: { id: runId } }, body: tried.current }));
    },
    onSuccess: () => (tried.current = undefined),
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

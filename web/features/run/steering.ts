import { useMutation } from "@tanstack/react-query";
import { api } from "../../lib/api.ts";

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

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { SetAutopilot } from "../../../../contracts/autopilot.ts";
import { api, bodyOf } from "../../../lib/api.ts";
import { useBoardParts } from "../parts.ts";
import { useBoard } from "../store.ts";

/** Changes of the board that come within this time are followed by one question, in ms. */
const settleMs = 300;

/** A project's autopilot, which is asked for again whenever the board or a run on it changes while `isShown`. */
export function useAutopilot(projectId: string, isShown: boolean) {
  const queryClient = useQueryClient();
  const { store } = useBoardParts();
  const headSeq = useBoard(store, ({ model }) => model.headSeq);
  const runs = useBoard(store, ({ model }) => model.runs);
  const path = { params: { path: { id: projectId } } };
  const queryKey = ["autopilot", projectId];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => bodyOf(api.GET("/api/projects/{id}/autopilot", { ...path, signal })),
  });
  useEffect(() => {
    if (!isShown) return undefined;
    const timer = setTimeout(
      () => void queryClient.invalidateQueries({ queryKey: ["autopilot", projectId] }),
      settleMs,
    );
    return () => clearTimeout(timer);
  }, [isShown, headSeq, runs, projectId, queryClient]);
  const change = useMutation({
    mutationFn: (body: SetAutopilot) => bodyOf(api.PATCH("/api/projects/{id}/autopilot", { ...path, body })),
    onSuccess: (autopilot) => queryClient.setQueryData(queryKey, autopilot),
  });
  return { query, change };
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
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
  // An archived project's autopilot is off, and its button says so without being opened.
  const archivedAtMs = useBoard(store, ({ model }) => model.project.archivedAtMs);
  const known = useRef(archivedAtMs);
  useEffect(() => {
    if (known.current === archivedAtMs) return;
    known.current = archivedAtMs;
    void queryClient.invalidateQueries({ queryKey: ["autopilot", projectId] });
  }, [archivedAtMs, projectId, queryClient]);
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

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { AddModel, ChangeModel, Model } from "../../../../contracts/model.ts";
import { api } from "../../../lib/api.ts";
import { modelsQuery } from "../../../lib/queries.ts";

const path = (id: string) => `/api/models/${encodeURIComponent(id)}`;

/** What one row asks of the server: to change its model, or to remove it (null). The list is read again after it. */
export function useModelChange(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (change: ChangeModel | null) => {
      if (change === null) await api<undefined>("DELETE", path(id));
      else await api<Model>("PUT", path(id), change);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
  });
}

/** Adds a model that the list does not have. */
export function useAddModel() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (model: AddModel) => api<Model>("POST", "/api/models", model),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
  });
}

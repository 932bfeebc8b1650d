import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { AddModel, ChangeModel } from "../../../../contracts/model.ts";
import { api, bodyOf, done } from "../../../lib/api.ts";
import { modelsQuery } from "../../../lib/queries.ts";

/** Changes a model, or removes it when given null; the list is read again afterwards. */
export function useModelChange(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (change: ChangeModel | null) => {
      const params = { path: { id } };
      if (change === null) await done(api.DELETE("/api/models/{id}", { params }));
      else await done(api.PUT("/api/models/{id}", { params, body: change }));
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
  });
}

/** Adds a model that the list does not have. */
export function useAddModel() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (model: AddModel) => bodyOf(api.POST("/api/models", { body: model })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
  });
}

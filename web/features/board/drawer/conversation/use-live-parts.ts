import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useBoardParts } from "../../parts.ts";
import { useBoard } from "../../store.ts";

/** The number of the newest change of a ticket's comments or files; another one says that they are others now. */
export function usePartsSeq(ticketId: string): number {
  const { store } = useBoardParts();
  return useBoard(store, ({ model }) => model.partsSeq.get(ticketId) ?? 0);
}

/** Asks for a query's data again whenever `mark` becomes another one. An answer to an older question never comes after it. */
export function useRefetchAt(queryKey: QueryKey, mark: unknown): void {
  const queryClient = useQueryClient();
  const seen = useRef(mark);
  const key = useRef(queryKey);
  useEffect(() => {
    key.current = queryKey;
  });
  useEffect(() => {
    if (seen.current === mark) return;
    seen.current = mark;
    const filter = { queryKey: key.current };
    void queryClient.cancelQueries(filter).then(() => queryClient.invalidateQueries(filter));
  }, [queryClient, mark]);
}

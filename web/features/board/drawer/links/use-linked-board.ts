import { useMemo } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import type { LinkedBoard } from "../../../../../domain/board/dependencies.ts";
import { useBoardParts } from "../../parts.ts";
import { useBoard } from "../../store.ts";

/** The board's tickets and columns, from which dependencies and families of tickets are read. */
export function useLinkedBoard(): LinkedBoard<Ticket> {
  const { store } = useBoardParts();
  const boards = useBoard(store, (shown) => shown.boards);
  const tickets = useBoard(store, (shown) => shown.tickets);
  return useMemo(() => ({ boards, tickets }), [boards, tickets]);
}

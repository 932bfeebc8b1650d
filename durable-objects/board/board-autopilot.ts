import { stageOfColumn } from "../../domain/board/columns.ts";
import { blockedBy } from "../../domain/board/dependencies.ts";
import type { BoardFacts } from "../../domain/board/facts.ts";
import { admitsCall } from "../../domain/budget/month.ts";
import type { BoardPlace } from "../../worker/ports/board-host.ts";
import type { MoneyFigures } from "../../worker/ports/budget.ts";
import { Autopilot, type AutopilotDeps, type LineTicket } from "../../worker/services/board/autopilot.ts";

/** The parts of a board's object that its autopilot works with. */
interface BoardAutopilotParts extends Pick<
  AutopilotDeps,
  "place" | "slots" | "read" | "nowMs" | "plan" | "log" | "start"
> {
  readonly facts: () => Promise<BoardFacts | undefined>;
  readonly money: (place: BoardPlace, atMs: number) => Promise<MoneyFigures | undefined>;
  /** Whether a look at the line is planned, which is so while it is on. */
  readonly isPlanned: boolean;
}

/** The autopilot of a board's object. */
export function boardAutopilot({ facts, isPlanned, money, ...parts }: BoardAutopilotParts): Autopilot {
  const deps: AutopilotDeps = {
    ...parts,
    tickets: async () => {
      const board = await facts();
      return board === undefined ? undefined : lineOf(board);
    },
    isBudgetSpent: async (place) => {
      const figures = await money(place, parts.nowMs());
      return figures !== undefined && !admitsCall({ ...figures.now, reservedMicros: 0 }, 0);
    },
  };
  return new Autopilot(deps, isPlanned);
}

function lineOf(board: BoardFacts): readonly LineTicket[] {
  return [...board.tickets.values()]
    .filter(({ isDeleted }) => !isDeleted)
    .map((ticket) => ({
      id: ticket.id,
      stage: stageOfColumn(board.boards, ticket.column) ?? "backlog",
      rank: ticket.rank,
      version: ticket.version,
      blockedBy: blockedBy(board, ticket).map(({ id }) => id),
    }));
}

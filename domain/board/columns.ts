import type { BoardColumn, BoardLayout } from "../../contracts/board.ts";
import type { TicketStage } from "../../contracts/project.ts";

/** The name that a column of each stage begins with. */
const stageNames: Readonly<Record<TicketStage, string>> = {
  backlog: "Backlog",
  todo: "Todo",
  in_progress: "In Progress",
  code_review: "Code Review",
  qa: "QA",
  done: "Done",
};

/** The columns of a new board, one for each stage, whose id begins with `prefix`: none for the first board of a project. */
export function defaultColumns(prefix = ""): BoardColumn[] {
  return (Object.keys(stageNames) as TicketStage[]).map((stage) => ({
    id: `${prefix}${stage}`,
    name: stageNames[stage],
    stage,
    wipLimit: null,
  }));
}

/** A column with the board that has it. */
export interface FoundColumn {
  readonly board: BoardLayout;
  readonly column: BoardColumn;
}

/** The column of an id; undefined when no board has it. */
export function findColumn(boards: readonly BoardLayout[], id: string): FoundColumn | undefined {
  for (const board of boards) {
    const column = board.columns.find((each) => each.id === id);
    if (column !== undefined) return { board, column };
  }
  return undefined;
}

/** The stage that a column stands for; undefined when no board has it. */
export function stageOfColumn(boards: readonly BoardLayout[], id: string): TicketStage | undefined {
  return findColumn(boards, id)?.column.stage;
}

/** The first column of a stage in a board. */
export function firstOfStage(board: Pick<BoardLayout, "columns">, stage: TicketStage): BoardColumn | undefined {
  return board.columns.find((column) => column.stage === stage);
}

/** The column for tickets of a stage: of this board, then of any board, then the first column that there is. */
export function columnForStage(
  boards: readonly BoardLayout[],
  stage: TicketStage,
  board: BoardLayout | undefined,
): BoardColumn | undefined {
  const order = board === undefined ? boards : [board, ...boards];
  for (const each of order) {
    const column = firstOfStage(each, stage);
    if (column !== undefined) return column;
  }
  return order[0]?.columns[0];
}

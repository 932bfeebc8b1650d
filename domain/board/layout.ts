import {
  maxBoards,
  maxColumns,
  type AddColumn,
  type BoardChange,
  type BoardColumn,
  type BoardLayout,
  type CreateBoard,
  type EditBoard,
  type EditColumn,
} from "../../contracts/board.ts";
import { columnForStage, defaultColumns, findColumn } from "./columns.ts";
import { ticketsIn, type BoardFacts } from "./facts.ts";
import { noColumn, type BoardRefusal } from "./moves.ts";

/** A change of a project's boards and their columns. */
export type LayoutEdit =
  | { readonly do: "board_created"; readonly board: CreateBoard }
  | { readonly do: "board_renamed"; readonly boardId: string; readonly edit: EditBoard }
  | { readonly do: "board_deleted"; readonly boardId: string }
  | { readonly do: "column_added"; readonly boardId: string; readonly column: AddColumn }
  | { readonly do: "column_changed"; readonly columnId: string; readonly edit: EditColumn }
  | { readonly do: "column_removed"; readonly columnId: string };

type Layout = Extract<BoardChange, { readonly type: "boards.changed" }>["data"];
type Decided = { readonly ok: true; readonly layout: Layout | undefined } | BoardRefusal;

/** The id of a board on its way in, before the database has given it one. */
export const newBoardId = "0";

/**
 * The boards after an edit; `layout` is undefined when it changes nothing. New columns have ids that begin with the number of the change,
 * so that none is ever used again. A column or board with tickets stays (`conflict` with their count), and every board keeps a column of
 * the stage "done" and one of another stage. Deleted tickets of a removed column go to one of the same stage.
 */
export function decideLayout(facts: BoardFacts, edit: LayoutEdit): Decided {
  const { boards } = facts;
  switch (edit.do) {
    case "board_created": {
      if (boards.length >= maxBoards) return conflict(`A project has at most ${maxBoards} boards.`);
      const columns = defaultColumns(`c${facts.headSeq + 1}_`);
      return changed([...boards, { id: newBoardId, name: edit.board.name, columns }]);
    }
    case "board_renamed":
      return ofBoard(facts, edit.boardId, (board) =>
        board.name === edit.edit.name ? unchanged : changed(replaced(boards, { ...board, name: edit.edit.name })),
      );
    case "board_deleted":
      return ofBoard(facts, edit.boardId, (board) => deleteBoard(facts, board));
    case "column_added":
      return ofBoard(facts, edit.boardId, (board) => addColumn(facts, board, edit.column));
    case "column_changed":
      return ofColumn(facts, edit.columnId, (board, column) => changeColumn(facts, board, column, edit.edit));
    case "column_removed":
      return ofColumn(facts, edit.columnId, (board, column) => removeColumn(facts, board, column));
  }
}

const unchanged: Decided = { ok: true, layout: undefined };

function changed(boards: BoardLayout[], relocated: Layout["relocated"] = []): Decided {
  return { ok: true, layout: { boards, relocated } };
}

function conflict(detail: string): BoardRefusal {
  return { ok: false, code: "conflict", detail };
}

function replaced(boards: readonly BoardLayout[], board: BoardLayout): BoardLayout[] {
  return boards.map((each) => (each.id === board.id ? board : each));
}

function ofBoard({ boards }: BoardFacts, id: string, decide: (board: BoardLayout) => Decided): Decided {
  const board = boards.find((each) => each.id === id);
  if (board === undefined)
    return { ok: false, code: "not_found", detail: "This project has no such board; it may have been deleted." };
  return decide(board);
}

function ofColumn(
  { boards }: BoardFacts,
  id: string,
  decide: (board: BoardLayout, column: BoardColumn) => Decided,
): Decided {
  const found = findColumn(boards, id);
  return found === undefined ? noColumn("Look at the board again.") : decide(found.board, found.column);
}

function deleteBoard(facts: BoardFacts, board: BoardLayout): Decided {
  const count = board.columns.reduce((sum, { id }) => sum + ticketsIn(facts, id).length, 0);
  if (count > 0)
    return conflict(
      `The board “${board.name}” has ${tickets(count)}. Move or delete them first, then delete the board.`,
    );
  const others = facts.boards.filter(({ id }) => id !== board.id);
  if (others.length === 0) return conflict("A project keeps its last board.");
  return changed(others, relocatedTo(facts, others, board.columns, undefined));
}

function addColumn(facts: BoardFacts, board: BoardLayout, { after, ...fields }: AddColumn): Decided {
  if (board.columns.length >= maxColumns) return conflict(`A board has at most ${maxColumns} columns.`);
  const columns = insertedAfter(board.columns, { id: `c${facts.headSeq + 1}`, ...fields }, after);
  return columns === undefined
    ? noColumn("Choose another place for the new one.")
    : changed(replaced(facts.boards, { ...board, columns }));
}

function changeColumn(
  facts: BoardFacts,
  board: BoardLayout,
  column: BoardColumn,
  { after, name = column.name, wipLimit = column.wipLimit }: EditColumn,
): Decided {
  const next = { ...column, name, wipLimit };
  const columns =
    after === undefined || after === column.id
      ? board.columns.map((each) => (each.id === column.id ? next : each))
      : insertedAfter(
          board.columns.filter(({ id }) => id !== column.id),
          next,
          after,
        );
  if (columns === undefined) return noColumn("Choose another place.");
  const isSame = columns.every(
    (each, index) =>
      board.columns[index]?.id === each.id &&
      (each.id !== column.id || (name === column.name && wipLimit === column.wipLimit)),
  );
  return isSame ? unchanged : changed(replaced(facts.boards, { ...board, columns }));
}

function removeColumn(facts: BoardFacts, board: BoardLayout, column: BoardColumn): Decided {
  const count = ticketsIn(facts, column.id).length;
  if (count > 0)
    return conflict(`The column “${column.name}” has ${tickets(count)}. Move or delete them first, then remove it.`);
  const columns = board.columns.filter(({ id }) => id !== column.id);
  if (!columns.some(({ stage }) => stage === "done"))
    return conflict("A board keeps one column of the stage “Done”, where finished tickets go.");
  if (columns.every(({ stage }) => stage === "done"))
    return conflict("A board keeps one column for tickets that are not done.");
  const boards = replaced(facts.boards, { ...board, columns });
  return changed(boards, relocatedTo(facts, boards, [column], { ...board, columns }));
}

function insertedAfter(
  columns: readonly BoardColumn[],
  column: BoardColumn,
  after: string | null,
): BoardColumn[] | undefined {
  const at = after === null ? 0 : columns.findIndex(({ id }) => id === after) + 1;
  if (after !== null && at === 0) return undefined;
  return [...columns.slice(0, at), column, ...columns.slice(at)];
}

/** The columns to which the deleted tickets of removed ones go: of the same stage where there is one. */
function relocatedTo(
  { tickets: all }: BoardFacts,
  boards: readonly BoardLayout[],
  removed: readonly BoardColumn[],
  board: BoardLayout | undefined,
): Layout["relocated"] {
  const used = new Set([...all.values()].map(({ column }) => column));
  return removed.flatMap(({ id, stage }) => {
    const to = used.has(id) ? columnForStage(boards, stage, board) : undefined;
    return to === undefined ? [] : [{ from: id, to: to.id }];
  });
}

function tickets(count: number): string {
  return count === 1 ? "1 ticket" : `${count} tickets`;
}

import { describe, expect, test } from "vitest";
import type { Board, BoardChange } from "../../../contracts/board.ts";
import type { Ticket } from "../../../contracts/project.ts";
import { BoardStore } from "../../../web/features/board/store.ts";
import {
  addFrame,
  addSnapshot,
  addWrite,
  answerWrite,
  boardOf,
  dropWrite,
  reconnected,
  shownColumns,
} from "../../../web/features/board/model/board.ts";
import { dragWords, draggedIds, indexOfRow, rowOf, startOf, stepped } from "../../../web/features/board/model/drag.ts";
import { beforeAt } from "../../../web/features/board/model/order.ts";
import { nothingSelected, ranged, stillVisible, toggled } from "../../../web/features/board/model/selection.ts";
import { BoardServer, remy } from "./board-server.ts";

/** A board with tickets 1, 2 and 3 in todo and 4 in progress. */
function sample(): { readonly server: BoardServer; readonly board: Board } {
  const server = new BoardServer();
  for (const column of ["todo", "todo", "todo", "in_progress"] as const) server.create(column);
  return { server, board: server.snapshot() };
}

const run = (id: string, state: "CODING" | "DONE") => ({ id, state, mode: "implement" }) as const;
const ids = (tickets: readonly Ticket[] | undefined) => (tickets ?? []).map(({ id }) => id);
const withRun = (board: Board, state: "CODING" | "DONE"): Board => ({
  ...board,
  tickets: board.tickets.map((ticket) => ({ ...ticket, run: run("7", state) })),
});

describe("snapshots and frames", () => {
  test("a run's state that was heard of after the snapshot was asked for stays", () => {
    const { board } = sample();
    const heard = addFrame(boardOf(board), { t: "run", ticketId: "1", run: run("7", "DONE") }, 50);
    expect(addSnapshot(heard, withRun(board, "CODING"), 40).tickets.get("1")?.run?.state).toBe("DONE");
    expect(addSnapshot(heard, withRun(board, "CODING"), 60).tickets.get("1")?.run?.state).toBe("CODING");
  });

  test("a state of an older run does not replace the newest run", () => {
    const { board } = sample();
    const newest = addFrame(boardOf(board), { t: "run", ticketId: "1", run: run("12", "CODING") }, 0);
    expect(addFrame(newest, { t: "run", ticketId: "1", run: run("7", "DONE") }, 1).tickets.get("1")?.run?.id).toBe(
      "12",
    );
  });

  test("a board that was set back on the server is taken although its number is lower", () => {
    const { board, server } = sample();
    server.edit("1", "Lost by the restoration");
    const ahead = reconnected(addSnapshot(boardOf(board), server.snapshot(), 0));
    const told = addFrame(ahead, { t: "reload", headSeq: board.headSeq }, 0);
    expect(told.wanted).toBe(1);
    expect(addSnapshot(told, board, 0).tickets.get("1")?.title).toBe("Ticket 1");
  });

  test("an import brings new tickets and changes known ones, which keep their runs; a lower version changes nothing", () => {
    const { board, server } = sample();
    const [first, second] = server.snapshot().tickets;
    if (first === undefined || second === undefined) throw new Error("there are no tickets");
    const ticket = ({ repository: _repository, run: _run, ...rest }: Ticket) => ({ ...rest, repositoryId: null });
    const change: BoardChange = {
      ...{ seq: board.headSeq + 1, atMs: 9, actor: remy, type: "tickets.imported" },
      data: {
        tickets: [
          { ...ticket(first), title: "Imported over", column: "done", version: 2 },
          { ...ticket(second), title: "Old", version: 0 },
          { ...ticket(second), id: "90", key: "LIME-90", title: "New" },
        ],
      },
    };
    const model = addFrame(boardOf(withRun(board, "DONE")), { t: "changes", changes: [change] }, 0);
    const shown = [first.id, second.id, "90"].map((id) => model.tickets.get(id));
    expect(shown.map((each) => [each?.title, each?.column, each?.run?.id])).toEqual([
      ["Imported over", "done", "7"],
      [second.title, second.column, "7"],
      ["New", second.column, undefined],
    ]);
  });

  test("a ticket that was deleted elsewhere is kept with the person who did it, and forgotten when it is back", () => {
    const { board, server } = sample();
    server.delete("2");
    server.restore("2");
    const [deleted, restored] = server.changes.slice(-2);
    if (deleted === undefined || restored === undefined) throw new Error("no changes");
    const gone = addFrame(boardOf(board), { t: "changes", changes: [deleted] }, 0);
    expect(gone.deleted.get("2")).toMatchObject({ ticket: { id: "2" }, by: { name: "Remy" } });
    const back = addFrame(gone, { t: "changes", changes: [restored] }, 0);
    expect([back.deleted.size, back.tickets.has("2")]).toEqual([0, true]);
  });

  test("a repository that the page does not know asks for a snapshot, a known one does not", () => {
    const { board } = sample();
    const repository = { id: "5", owner: "lime-labs", name: "lime-units" };
    const model = boardOf({ ...board, tickets: board.tickets.map((ticket) => ({ ...ticket, repository })) });
    const edit = (repositoryId: string): BoardChange => ({
      ...{ seq: board.headSeq + 1, atMs: 1, actor: remy },
      ...{ type: "ticket.edited", data: { id: "1", version: 2, fields: { repositoryId } } },
    });
    const known = addFrame(model, { t: "changes", changes: [edit("5")] }, 0);
    expect([known.wanted, known.tickets.get("1")?.repository]).toEqual([0, repository]);
    const unknown = addFrame(model, { t: "changes", changes: [edit("6")] }, 0);
    expect([unknown.wanted, unknown.tickets.get("1")?.repository]).toEqual([1, null]);
  });

  test("a hole in the numbers asks for another connection and leaves the board as it was", () => {
    const { board, server } = sample();
    server.edit("1", "First");
    server.edit("1", "Second");
    const model = addFrame(boardOf(board), { t: "changes", changes: server.changes.slice(-1) }, 0);
    expect([model.gap, model.headSeq, model.tickets.get("1")?.title]).toEqual([true, board.headSeq, "Ticket 1"]);
  });
});

describe("the end of a catch-up", () => {
  test("before its newest change asks for another connection; the announcement of a snapshot does not", () => {
    const { board } = sample();
    const newer = board.headSeq + 1;
    const end = (headSeq: number) => addFrame(boardOf(board), { t: "live", headSeq }, 0).gap;
    expect([end(board.headSeq), end(newer)]).toEqual([false, true]);
    const told = addFrame(boardOf(board), { t: "reload", headSeq: newer }, 0);
    expect(addFrame(told, { t: "live", headSeq: newer }, 0).gap).toBe(false);
  });
});

describe("writes of this page", () => {
  test("a parent shows at once, stays until its change arrives, and goes back when it is refused", () => {
    const { board, server } = sample();
    const parentOf = (model: ReturnType<typeof boardOf>) =>
      shownColumns(model)
        .get("todo")
        ?.find(({ id }) => id === "2")?.parentId;
    const begun = addWrite(boardOf(board), { kind: "edit", ticketId: "2", fields: { parentId: "4" } });
    expect(parentOf(begun.model)).toBe("4");
    expect(parentOf(dropWrite(begun.model, begun.token))).toBeNull();
    const answered = answerWrite(begun.model, begun.token, { version: 2 });
    const change: BoardChange = {
      ...{ seq: server.headSeq + 1, atMs: 1, actor: remy, type: "ticket.edited" },
      data: { id: "2", version: 2, fields: { parentId: "4" } },
    };
    const settled = addFrame(answered, { t: "changes", changes: [change] }, 0);
    expect(settled.writes).toEqual([]);
    expect(parentOf(settled)).toBe("4");
  });

  test("a move shows at once, stays until its change arrives, and goes back when it is refused", () => {
    const { board, server } = sample();
    const { model, token } = addWrite(boardOf(board), {
      kind: "move",
      ticketIds: ["3", "1"],
      column: "in_progress",
      before: "4",
    });
    expect(ids(shownColumns(model).get("in_progress"))).toEqual(["3", "1", "4"]);
    expect(ids(shownColumns(dropWrite(model, token)).get("todo"))).toEqual(["1", "2", "3"]);
    const headSeq = server.move(["3", "1"], "in_progress", "4") ?? 0;
    const answered = answerWrite(model, token, { headSeq });
    expect(ids(shownColumns(answered).get("in_progress"))).toEqual(["3", "1", "4"]);
    expect(answered.writes).toHaveLength(1);
    const told = addFrame(answered, { t: "changes", changes: server.changes.slice(-1) }, 0);
    expect([told.writes.length, ids(shownColumns(told).get("in_progress"))]).toEqual([0, ["3", "1", "4"]]);
  });
});

describe("places", () => {
  const todo = shownColumns(boardOf(sample().board)).get("todo") ?? [];
  const only = (...names: string[]) => todo.filter(({ id }) => names.includes(id));

  test("before a visible card is before that card, with hidden cards above it", () => {
    expect(beforeAt(todo, only("3"), new Set(), 0)).toBe("3");
  });
  test("after the last visible card is before the hidden card that follows it", () => {
    expect(beforeAt(todo, only("1"), new Set(), 1)).toBe("2");
    expect(beforeAt(todo, only("1"), new Set(["2"]), 1)).toBe("3");
    expect(beforeAt(todo, only("3"), new Set(), 1)).toBeNull();
  });
  test("a column without visible cards is dropped into at its end", () => {
    expect(beforeAt(todo, [], new Set(), 0)).toBeNull();
  });
  test("rows count the moving cards, places do not", () => {
    const moving = new Set(["1", "2"]);
    expect([0, 1].map((index) => rowOf(todo, moving, index))).toEqual([2, 3]);
    expect([0, 1, 2, 3].map((row) => indexOfRow(todo, moving, row))).toEqual([0, 0, 0, 1]);
  });
});

describe("a drag by keys", () => {
  const columns = shownColumns(boardOf(sample().board));
  const leader = columns.get("todo")?.[1];
  if (leader === undefined) throw new Error("no ticket");
  const drag = { ids: ["2"], moving: new Set(["2"]), leader, byKeyboard: true };
  const at = startOf(columns, drag);

  test("arrows stay within the column and the board", () => {
    const keys = (...names: string[]) => names.reduce((place, key) => stepped(columns, drag, place, key) ?? place, at);
    expect(at).toEqual({ column: "todo", index: 1 });
    expect(keys("ArrowDown", "ArrowDown")).toEqual({ column: "todo", index: 2 });
    expect(keys("ArrowUp", "ArrowUp")).toEqual({ column: "todo", index: 0 });
    expect(keys("End", "ArrowRight")).toEqual({ column: "in_progress", index: 1 });
    expect(keys("ArrowLeft", "ArrowLeft", "ArrowLeft")).toEqual({ column: "backlog", index: 0 });
    expect(stepped(columns, drag, at, "KeyX")).toBeNull();
  });

  test("sentences name the ticket, the column and the position", () => {
    const named = { columns, nameOf: new BoardStore(sample().board).nameOf };
    expect(dragWords.lifted(named, drag, at)).toBe(
      "LIME-2, Ticket 2, is lifted from Todo, position 2 of 3, before LIME-3.",
    );
    expect(dragWords.over(named, drag, { column: "qa", index: 0 })).toBe("LIME-2 is over QA, position 1 of 1.");
    const two = { ...drag, ids: ["2", "3"], moving: new Set(["2", "3"]) };
    expect(dragWords.dropped(named, two, { column: "todo", index: 1 })).toBe(
      "2 tickets, LIME-2 among them, were dropped in Todo, position 2 of 3.",
    );
    expect(dragWords.cancelled(named, drag)).toBe("The move was cancelled. LIME-2, Ticket 2, stays in Todo.");
  });
});

describe("a selection", () => {
  const columns = shownColumns(boardOf(sample().board));

  test("is toggled one by one, and goes over a range from the last one", () => {
    const one = toggled(nothingSelected, "1");
    expect([...toggled(one, "1").ids]).toEqual([]);
    expect([...ranged(one, columns, "3").ids]).toEqual(["1", "2", "3"]);
    expect([...ranged(one, columns, "4").ids]).toEqual(["1", "4"]);
  });
  test("is dragged in the order of the board, and an unselected card goes alone", () => {
    const selected = new Set(["4", "3", "1"]);
    expect(draggedIds(columns, selected, "3")).toEqual(["1", "3", "4"]);
    expect(draggedIds(columns, selected, "2")).toEqual(["2"]);
  });
  test("loses cards that a filter or another person takes away", () => {
    const both = { ids: new Set(["1", "9"]), anchor: "1" };
    expect([...stillVisible(both, columns).ids]).toEqual(["1"]);
    const one = toggled(nothingSelected, "1");
    expect(stillVisible(one, columns)).toBe(one);
  });
});

import { describe, expect, test } from "vitest";
import { defaultColumns } from "../../../domain/board/columns.ts";
import {
  afterOf,
  columnWords,
  liftedColumn,
  lineOf,
  placeAt,
  steppedColumn,
  withMovedColumns,
  type ColumnDrag,
} from "../../../web/features/board/model/column-order.ts";
import { BoardStore } from "../../../web/features/board/store.ts";
import { BoardServer } from "./board-server.ts";

const columns = ["a", "b", "c", "d"].map((id) => ({ id, name: id.toUpperCase() }));
const dragOf = (id: string, to: number): ColumnDrag => ({ id, to, byKeyboard: true });
const move = (columnId: string, after: string | null) =>
  ({ kind: "move_column", columnId, after, token: 1, answer: null }) as const;

describe("a column that is dragged", () => {
  test("begins where it stands, and goes by arrows, Home and End as far as there are columns", () => {
    const lifted = liftedColumn(columns, "b", true);
    expect(lifted).toEqual(dragOf("b", 1));
    const places = ["ArrowRight", "ArrowRight", "ArrowRight", "Home", "ArrowLeft", "End"].reduce<number[]>(
      (known, key) => [...known, steppedColumn(columns, dragOf("b", known.at(-1) ?? 1), key)?.to ?? -1],
      [],
    );
    expect(places).toEqual([2, 3, 3, 0, 0, 3]);
    expect(steppedColumn(columns, dragOf("b", 1), "KeyA")).toBeNull();
    expect(liftedColumn(columns, "gone", true)).toBeNull();
  });

  test("is dropped behind the column on its left, and moves nothing where it stood", () => {
    expect([0, 1, 2, 3].map((to) => afterOf(columns, dragOf("b", to)))).toEqual([null, undefined, "c", "d"]);
    expect(afterOf(columns.slice(0, 2), dragOf("a", 3))).toBe("b");
    expect(afterOf(columns.slice(1), dragOf("a", 3))).toBeUndefined();
  });

  test("has its line where it would drop, and none where it stands", () => {
    expect([0, 1, 2, 3].map((to) => lineOf(columns, dragOf("b", to)))).toEqual([
      { at: "a", side: "left" },
      null,
      { at: "d", side: "left" },
      { at: "d", side: "right" },
    ]);
  });

  test("is behind every column whose middle the pointer has passed", () => {
    expect([5, 150, 900].map((x) => placeAt([100, 300, 500], x))).toEqual([0, 1, 3]);
  });

  test("is told in words", () => {
    expect(columnWords.lifted(columns, dragOf("b", 1))).toBe("The column B is lifted from position 2 of 4, before C.");
    expect(columnWords.dropped(columns, dragOf("b", 3))).toBe("The column B was dropped at position 4 of 4.");
  });
});

describe("a moved column", () => {
  const boards = [{ id: "1", name: "Board", columns: defaultColumns() }];
  const order = (writes: Parameters<typeof withMovedColumns>[1]) =>
    withMovedColumns(boards, writes)[0]?.columns.map(({ id }) => id);

  test("stands behind the named one, or first, and nothing changes where one of them is gone", () => {
    expect(order([move("done", null)])?.slice(0, 2)).toEqual(["done", "backlog"]);
    expect(order([move("backlog", "qa")])?.slice(3)).toEqual(["qa", "backlog", "done"]);
    expect(order([move("gone", null)])).toEqual(order([]));
    expect(order([move("qa", "gone")])).toEqual(order([]));
    expect(withMovedColumns(boards, [])).toBe(boards);
  });

  test("is shown at once, goes back when it is refused, and stays until the board itself has it", () => {
    const server = new BoardServer();
    const store = new BoardStore(server.snapshot());
    const first = () => store.read().boards[0]?.columns[0]?.id;
    const refused = store.begin({ kind: "move_column", columnId: "done", after: null });
    expect(first()).toBe("done");
    store.end(refused, null);
    expect(first()).toBe("backlog");
    const token = store.begin({ kind: "move_column", columnId: "done", after: null });
    const { headSeq } = store.read().model;
    store.end(token, { headSeq: headSeq + 1 });
    expect(first()).toBe("done");
    const [board] = store.read().boards;
    store.addFrame({
      t: "changes",
      changes: [
        {
          ...{ seq: headSeq + 1, atMs: 1, actor: { kind: "person", id: "9", name: "Remy", avatarUrl: null } },
          ...{ type: "boards.changed", data: { boards: board === undefined ? [] : [board], relocated: [] } },
        },
      ],
    });
    expect(first()).toBe("done");
    expect(store.read().model.writes).toEqual([]);
  });
});

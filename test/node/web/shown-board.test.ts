import { describe, expect, test } from "vitest";
import { defaultColumns } from "../../../domain/board/columns.ts";
import { boardNamed, columnForNew, columnsOfBoard, countOf } from "../../../web/features/board/views/columns-info.ts";
import { sampleTicket } from "./sample-ticket.ts";

const first = { id: "1", name: "Board", columns: defaultColumns() };
const second = { id: "2", name: "Research", columns: defaultColumns("r_").slice(1) };
const boards = [first, second];

describe("the board that is shown", () => {
  test("is the one that the address names, and the first one where that is gone", () => {
    expect(boardNamed(boards, "2")).toBe(second);
    expect(boardNamed(boards, "3")).toBe(first);
    expect(boardNamed(boards, undefined)).toBe(first);
    expect(boardNamed([], "1")).toBeUndefined();
  });

  test("has its own columns in its own order, with the tickets in them", () => {
    const ticket = sampleTicket("2", { column: "r_todo" });
    const all = new Map([
      ["todo", [sampleTicket("1")]],
      ["r_todo", [ticket]],
    ]);
    const own = columnsOfBoard(all, second);
    expect([...own.keys()]).toEqual(second.columns.map(({ id }) => id));
    expect([own.get("r_todo"), own.get("r_done"), own.get("todo")]).toEqual([[ticket], [], undefined]);
    expect([countOf(all), countOf(own)]).toEqual([2, 1]);
  });
});

describe("the column of a new ticket", () => {
  test("is the backlog's first one, or the first of a board without a backlog", () => {
    expect(columnForNew(first, null)?.id).toBe("backlog");
    expect(columnForNew(second, null)?.id).toBe("r_todo");
  });

  test("is the chosen one only while the shown board has it", () => {
    expect(columnForNew(first, "qa")?.id).toBe("qa");
    expect(columnForNew(second, "qa")?.id).toBe("r_todo");
    expect(columnForNew(undefined, "qa")).toBeUndefined();
  });
});

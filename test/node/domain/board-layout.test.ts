import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BoardChange, BoardLayout } from "../../../contracts/board.ts";
import { ticketStages } from "../../../contracts/project.ts";
import { columnForStage, defaultColumns, findColumn } from "../../../domain/board/columns.ts";
import { takeChange, ticketsIn, type TicketFacts } from "../../../domain/board/facts.ts";
import { decideLayout, newBoardId, type LayoutEdit } from "../../../domain/board/layout.ts";
import { decideMove } from "../../../domain/board/moves.ts";

const actor = { kind: "system", name: "test" } as const;

/** A project's boards with their tickets, as the board's log keeps them. */
class Project {
  headSeq = 0;
  boards: readonly BoardLayout[] = [{ id: "1", name: "Board", columns: defaultColumns() }];
  readonly tickets = new Map<string, TicketFacts>();
  #lastBoard = 1;

  put(id: string, column: string, isDeleted = false): void {
    this.tickets.set(id, {
      ...{ id, key: `LIME-${id}`, column, rank: `a${id}`, version: 1, parentId: null, dependsOn: [], isDeleted },
    });
  }

  /** The refusal's sentence; undefined when the edit was done. */
  edit(edit: LayoutEdit): string | undefined {
    const decided = decideLayout(this, edit);
    if (!decided.ok) return decided.detail;
    if (decided.layout === undefined) return undefined;
    const boards = decided.layout.boards.map((board) =>
      board.id === newBoardId ? { ...board, id: String((this.#lastBoard += 1)) } : board,
    );
    this.headSeq += 1;
    const data = { ...decided.layout, boards };
    const change: BoardChange = { seq: this.headSeq, atMs: 0, actor, type: "boards.changed", data };
    this.boards = boards;
    takeChange(this.tickets, change);
    return undefined;
  }

  ids(board = 0): readonly string[] {
    return this.boards[board]?.columns.map(({ id }) => id) ?? [];
  }
}

const added = (name: string, after: string | null, stage: (typeof ticketStages)[number] = "qa") =>
  ({ do: "column_added", boardId: "1", column: { name, stage, wipLimit: null, after } }) as const;

describe("a column", () => {
  it("is added after another one, renamed, limited and moved", () => {
    const project = new Project();
    expect(project.edit(added("Security", "code_review"))).toBeUndefined();
    expect(project.ids()).toEqual(["backlog", "todo", "in_progress", "code_review", "c1", "qa", "done"]);
    project.edit({ do: "column_changed", columnId: "c1", edit: { name: "Audit", wipLimit: 3, after: null } });
    expect(project.ids()[0]).toBe("c1");
    expect(project.boards[0]?.columns[0]).toEqual({ id: "c1", name: "Audit", stage: "qa", wipLimit: 3 });
    const before = project.headSeq;
    project.edit({ do: "column_changed", columnId: "c1", edit: { name: "Audit", after: null } });
    expect(project.headSeq).toBe(before);
  });

  it("is removed only without tickets, with their count in the refusal, and never used again", () => {
    const project = new Project();
    project.put("1", "qa");
    project.put("2", "qa");
    expect(project.edit({ do: "column_removed", columnId: "qa" })).toContain("2 tickets");
    project.tickets.clear();
    expect(project.edit({ do: "column_removed", columnId: "qa" })).toBeUndefined();
    expect(project.edit({ do: "column_removed", columnId: "qa" })).toContain("no such column");
    project.put("1", "todo");
    const move = { ticketIds: ["1"], column: "qa", before: null };
    expect(decideMove(project, move)).toMatchObject({ ok: false, detail: expect.stringContaining("another column") });
    project.edit(added("QA", null));
    expect(project.ids()).not.toContain("qa");
  });

  it("that is the last for finished or for open tickets stays", () => {
    const project = new Project();
    expect(project.edit({ do: "column_removed", columnId: "done" })).toContain("Done");
    for (const columnId of project.ids().slice(1, -1)) project.edit({ do: "column_removed", columnId });
    expect(project.ids()).toEqual(["backlog", "done"]);
    expect(project.edit({ do: "column_removed", columnId: "backlog" })).toContain("not done");
  });

  it("leaves its deleted tickets to the first one of its stage, or to the first of all", () => {
    const project = new Project();
    project.edit(added("Second QA", "qa"));
    project.put("1", "qa", true);
    project.put("2", "code_review", true);
    project.edit({ do: "column_removed", columnId: "qa" });
    project.edit({ do: "column_removed", columnId: "code_review" });
    expect([project.tickets.get("1")?.column, project.tickets.get("2")?.column]).toEqual(["c1", "backlog"]);
  });
});

describe("a board", () => {
  it("is made with a column for each stage, renamed, and deleted only without tickets and never as the last", () => {
    const project = new Project();
    expect(project.edit({ do: "board_deleted", boardId: "1" })).toContain("last board");
    project.edit({ do: "board_created", board: { name: "Mobile" } });
    expect(project.ids(1)).toEqual(ticketStages.map((stage) => `c1_${stage}`));
    project.edit({ do: "board_renamed", boardId: "2", edit: { name: "App" } });
    expect(project.boards[1]?.name).toBe("App");
    project.put("1", "c1_todo");
    expect(project.edit({ do: "board_deleted", boardId: "2" })).toContain("1 ticket.");
    project.put("1", "c1_todo", true);
    expect(project.edit({ do: "board_deleted", boardId: "2" })).toBeUndefined();
    expect(project.tickets.get("1")?.column).toBe("todo");
  });

  it("takes tickets of another board of its project, and finds the column of a stage in itself first", () => {
    const project = new Project();
    project.edit({ do: "board_created", board: { name: "Mobile" } });
    project.put("1", "todo");
    const moved = decideMove(project, { ticketIds: ["1"], column: "c1_qa", before: null });
    expect(moved).toMatchObject({ ok: true, moved: { column: "c1_qa" } });
    expect(columnForStage(project.boards, "done", project.boards[1])?.id).toBe("c1_done");
  });
});

it("after any edits each ticket is in a column, column ids are unique, and each board has a place for open and for finished work", () => {
  const place = fc.nat(40);
  const name = fc.constantFrom("A", "B", "C");
  const step = fc.oneof(
    fc.record({ do: fc.constant("add" as const), at: place, stage: fc.constantFrom(...ticketStages) }),
    fc.record({ do: fc.constant("board" as const), name }),
    fc.record({ do: fc.constantFrom("remove", "drop", "put", "delete", "move"), at: place, to: place }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const project = new Project();
      let lastTicket = 0;
      for (const each of steps) {
        const all = project.boards.flatMap(({ columns }) => columns.map(({ id }) => id));
        const column = (at: number): string => all[at % all.length] ?? "";
        const board = (at: number): string => project.boards[at % project.boards.length]?.id ?? "";
        if (each.do === "add") {
          const home = findColumn(project.boards, column(each.at))?.board.id ?? "";
          const fields = { name: "New", stage: each.stage, wipLimit: null, after: column(each.at) };
          project.edit({ do: "column_added", boardId: home, column: fields });
        } else if (each.do === "board") project.edit({ do: "board_created", board: { name: each.name } });
        else if (each.do === "remove") project.edit({ do: "column_removed", columnId: column(each.at) });
        else if (each.do === "drop") project.edit({ do: "board_deleted", boardId: board(each.at) });
        else if (each.do === "move")
          project.edit({ do: "column_changed", columnId: column(each.at), edit: { after: column(each.to) } });
        else project.put(String((lastTicket += 1)), column(each.at), each.do === "delete");
        const now = project.boards.flatMap(({ columns }) => columns);
        const ids = new Set(now.map(({ id }) => id));
        expect(ids.size).toBe(now.length);
        for (const ticket of project.tickets.values()) expect(ids.has(ticket.column)).toBe(true);
        for (const { columns } of project.boards) {
          expect(columns.some(({ stage }) => stage === "done")).toBe(true);
          expect(columns.some(({ stage }) => stage !== "done")).toBe(true);
        }
        expect(now.reduce((sum, { id }) => sum + ticketsIn(project, id).length, 0)).toBe(
          [...project.tickets.values()].filter(({ isDeleted }) => !isDeleted).length,
        );
      }
    }),
  );
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BoardLayout } from "../../../contracts/board.ts";
import { ticketPriorities, ticketTypes } from "../../../contracts/project.ts";
import { transferColumns, type TransferFormat, type TransferTicket } from "../../../contracts/ticket-transfer.ts";
import { defaultColumns } from "../../../domain/board/columns.ts";
import type { TicketFacts } from "../../../domain/board/facts.ts";
import { decideImport, type ImportDecision } from "../../../domain/board/import.ts";
import type { TicketRef } from "../../../domain/board/import-fields.ts";
import { transferTables, transferWriter, type Named, type TransferSource } from "../../../domain/board/transfer.ts";
import {
  cellsOfTicket,
  guardedCell,
  listCell,
  listOfCell,
  unguardedCell,
} from "../../../domain/board/transfer-cells.ts";
import { readCsv, writeCsv } from "../../../worker/services/board/transfer/csv.ts";
import { readImportFile } from "../../../worker/services/board/transfer/read-file.ts";

type Source = TransferSource & { readonly id: string };

const isoTime = (atMs: number): string => new Date(atMs).toISOString();
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Place {
  readonly boards: readonly BoardLayout[];
  readonly members: readonly Named[];
  readonly repositories: readonly Named[];
}

/** A project's export, as the service writes it. */
function exported(place: Place, tickets: readonly Source[], format: TransferFormat): string {
  const write = transferWriter(place, transferTables(place), isoTime);
  const keys = new Map(tickets.map(({ id, key }) => [id, key]));
  const rows = tickets.map((ticket) => write(ticket, (id) => keys.get(id)));
  if (format === "json") return JSON.stringify(rows);
  return writeCsv([[...transferColumns], ...rows.map(cellsOfTicket)]);
}

const factsOf = ({ column, dependsOn, id, key, parentId }: Source): TicketFacts => ({
  ...{ id, key, column, parentId, dependsOn },
  ...{ rank: "a0", version: 1, isDeleted: false },
});

function decide(place: Place, tickets: readonly Source[], text: string, format: TransferFormat, mayUpdate = false) {
  const file = readImportFile(bytesOf(text), format);
  if ("reason" in file) throw new Error(`line ${file.line}: ${file.reason}`);
  const tables = transferTables(place);
  const write = transferWriter(place, tables, isoTime);
  const keys = new Map(tickets.map(({ id, key }) => [id, key]));
  const named = tickets.map((source) => {
    const written = write(source, (id) => keys.get(id));
    return [source.id, { source, written, deletedDependencies: [] }] as const;
  });
  const board = { tickets: new Map(tickets.map((each) => [each.id, factsOf(each)])), named: new Map(named) };
  return decideImport({ ...board, names: place, tables, made: new Map(), mayUpdate }, file.rows);
}

/** The tickets of an empty project after an import, with keys in the order of the file. */
function imported(place: Place, decisions: readonly ImportDecision[]): readonly Source[] {
  const ids = new Map(decisions.map(({ line }, index) => [line, String(1000 + index)]));
  const idOf = (ref: TicketRef): string => ("line" in ref ? (ids.get(ref.line) ?? "") : ref.ticketId);
  return decisions.map((decision, index) => {
    if (decision.status !== "created") throw new Error(JSON.stringify(decision));
    const { assigneeId, dependsOn, parent, ...fields } = decision.fields;
    const assignee = place.members.find(({ id }) => id === assigneeId);
    return {
      ...fields,
      id: ids.get(decision.line) ?? "",
      key: `NEW-${index + 1}`,
      assignee: assignee ?? null,
      parentId: parent === null ? null : idOf(parent),
      dependsOn: dependsOn.map(idOf),
      createdAtMs: 0,
      updatedAtMs: 0,
    };
  });
}

const anyText = (maxLength: number) =>
  fc
    .oneof(fc.string({ unit: "grapheme", maxLength }), fc.stringMatching(/^['"=+\-@\t\r\n,; a]{0,12}$/u))
    .map((text) => text.toWellFormed().replaceAll("\0", ""));
const anyTitle = anyText(60)
  .map((text) => text.trim())
  .filter((text) => text !== "");
const anyName = fc.constantFrom("Ready", "ready", "Todo", "QA", "=1+1", "a, b", "Ada");

const anyPlace: fc.Arbitrary<Place> = fc
  .record({
    boards: fc.array(fc.record({ name: anyName, columns: fc.array(anyName, { minLength: 1, maxLength: 4 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
    members: fc.array(anyName, { maxLength: 4 }),
    repositories: fc.uniqueArray(fc.constantFrom("lime/one", "lime/two", "other/one"), { maxLength: 3 }),
  })
  .map(({ boards, members, repositories }) => ({
    boards: boards.map(({ columns, name }, at) => ({
      id: String(at + 1),
      name,
      columns: columns.map((each, index) => ({
        ...{ id: `c${at}_${index}`, name: each, wipLimit: null },
        stage: index === 0 ? ("backlog" as const) : ("done" as const),
      })),
    })),
    members: members.map((name, index) => ({ id: String(index + 70), name })),
    repositories: repositories.map((name, index) => ({ id: String(index + 90), name })),
  }));

const anyProject = anyPlace.chain((place) => {
  const columns = place.boards.flatMap((board) => board.columns.map(({ id }) => id));
  const someOf = (ids: readonly string[]) => fc.constantFrom(null, ...ids);
  const fields = fc.record({
    type: fc.constantFrom(...ticketTypes),
    title: anyTitle,
    description: anyText(200),
    acceptanceCriteria: anyText(200),
    column: fc.constantFrom(...columns),
    priority: fc.constantFrom(...ticketPriorities),
    labels: fc.array(
      anyText(20).filter((text) => text !== ""),
      { maxLength: 4 },
    ),
    assignee: fc.constantFrom(null, ...place.members),
    repositoryId: someOf(place.repositories.map(({ id }) => id)),
    back: fc.array(fc.nat(), { maxLength: 3 }),
    hasParent: fc.boolean(),
  });
  return fc.array(fields, { minLength: 1, maxLength: 8 }).map((all) => ({
    place,
    // A ticket's links lead to tickets that come before it in one order of all, whatever the order of the file.
    tickets: all
      .map(({ back, hasParent, ...ticket }, index): Source => {
        const ids = index === 0 ? [] : [...new Set(back.map((each) => String((each % index) + 1)))];
        return {
          ...ticket,
          id: String(index + 1),
          key: `OLD-${index + 1}`,
          parentId: hasParent ? (ids[0] ?? null) : null,
          dependsOn: ids,
          createdAtMs: 1,
          updatedAtMs: 2,
        };
      })
      .toReversed(),
  }));
});

const withoutKeys = (text: string): readonly Omit<TransferTicket, "created_at" | "updated_at">[] => {
  const rows = JSON.parse(text) as TransferTicket[];
  const keys = new Map(rows.map(({ key }, index) => [key, `row ${index}`]));
  return rows.map(({ created_at: _created, updated_at: _updated, ...row }) => ({
    ...row,
    key: keys.get(row.key) ?? "",
    parent: keys.get(row.parent) ?? "",
    depends_on: row.depends_on.map((key) => keys.get(key) ?? "").toSorted(),
  }));
};

describe("a project's export", () => {
  test.each(["csv", "json"] as const)("as %s, imported into an empty project, is exported equal again", (format) => {
    fc.assert(
      fc.property(anyProject, ({ place, tickets }) => {
        const made = imported(place, decide(place, [], exported(place, tickets, format), format));
        expect(withoutKeys(exported(place, made, "json"))).toEqual(withoutKeys(exported(place, tickets, "json")));
      }),
      { numRuns: 150 },
    );
  });

  test.each(["csv", "json"] as const)("as %s, imported where it comes from, changes nothing", (format) => {
    fc.assert(
      fc.property(anyProject, ({ place, tickets }) => {
        const decisions = decide(place, tickets, exported(place, tickets, format), format, true);
        expect(decisions.map(({ status }) => status)).toEqual(tickets.map(() => "unchanged"));
      }),
      { numRuns: 100 },
    );
  });
});

describe("a cell", () => {
  test("gives every text back, and begins like a formula in no spreadsheet", () => {
    fc.assert(
      fc.property(anyText(40), (text) => {
        const cell = guardedCell(text);
        expect(unguardedCell(cell)).toBe(text);
        expect(cell).not.toMatch(/^[=+\-@\t\r\n]/u);
      }),
    );
    expect(guardedCell('=HYPERLINK("http://example.com")')).toBe('\'=HYPERLINK("http://example.com")');
    expect(unguardedCell("-1")).toBe("-1");
  });

  test("holds a list of any texts", () => {
    fc.assert(
      fc.property(fc.array(anyText(12)), (items) => {
        expect(listOfCell(listCell(items))).toEqual(items);
      }),
    );
    expect(listOfCell(' a ,, "b, c" , d"e, "f')).toEqual(["a", "b, c", 'd"e', '"f']);
  });
});

describe("a CSV", () => {
  test("says at which line of the file each row begins, whatever ends the lines", () => {
    const table = readCsv('\ufefftitle,description\r\nA,"one\ntwo\r\nthree"\r\n\r\n\r\nB,x\nC,y\rD,z');
    expect(table).toEqual([
      { line: 1, cells: ["title", "description"] },
      { line: 2, cells: ["A", "one\ntwo\r\nthree"] },
      { line: 7, cells: ["B", "x"] },
      { line: 8, cells: ["C", "y"] },
      { line: 9, cells: ["D", "z"] },
    ]);
    expect(readCsv("title;type\nA;bug")).toMatchObject([{}, { cells: ["A", "bug"] }]);
  });

  test.each([
    ['title,type\nA,bug\n"B,bug\nC,bug\n', 3, "never closed"],
    ['title\nA\n\nB "x" y\n', 4, "does not begin with one"],
    ['title\n"A" x\n', 2, "follows the closing"],
    ["title,Title\nA,B", 1, "“title” twice"],
    ["name\nA", 1, "“title” or “key”"],
    ["title\n\n", 1, "no ticket"],
    ["", 1, "empty"],
    [`title\n${"A\n".repeat(2001)}`, 2002, "2,001 tickets"],
  ])("that can't be read says where and why: %j", (text, line, reason) => {
    const file = readImportFile(bytesOf(text), "csv");
    expect(file).toEqual({ line, reason: expect.stringContaining(reason) as string });
  });

  test("in another encoding is refused at its first bad line", () => {
    const latin = Uint8Array.from([...bytesOf("title\nA\nB"), 0xe9, 0x0a]);
    expect(readImportFile(latin, "csv")).toMatchObject({ line: 3 });
    expect(readImportFile(Uint8Array.from([0xff, 0xfe, 0x74, 0]), "csv")).toMatchObject({
      reason: expect.stringContaining("UTF-16") as string,
    });
  });
});

describe("a JSON file", () => {
  test("that is none says at which line, or which entry is wrong", () => {
    expect(readImportFile(bytesOf('[\n{"title": "A"},\n{"title"}]'), "json")).toMatchObject({ line: 3 });
    expect(readImportFile(bytesOf('{"title": "A"}'), "json")).toMatchObject({ line: 1 });
    const file = readImportFile(bytesOf('[{"title": 1, "labels": [2], "x": 3}, 4]'), "json");
    expect(file).toMatchObject({
      ignoredColumns: ["x"],
      rows: [{ problems: [{ field: "title" }, { field: "labels" }] }, { problems: [{ field: "row" }] }],
    });
  });
});

const place: Place = {
  boards: [{ id: "1", name: "Board", columns: defaultColumns() }],
  members: [
    { id: "7", name: "Ada", aliases: ["ada@example.com"] },
    { id: "8", name: "Bob" },
    { id: "9", name: "Bob" },
  ],
  repositories: [{ id: "5", name: "lime/one" }],
};
const ticket = (id: string, fields: Partial<Source> = {}): Source => ({
  ...{ id, key: `LIME-${id}`, type: "task", title: `T${id}`, description: "", acceptanceCriteria: "" },
  ...{ column: "todo", priority: "none", labels: [], assignee: null, repositoryId: null, parentId: null },
  ...{ dependsOn: [], createdAtMs: 0, updatedAtMs: 0 },
  ...fields,
});
const reasonsOf = (decision: ImportDecision | undefined) =>
  decision?.status === "refused" ? decision.reasons.map(({ field, message }) => `${field}: ${message}`) : [];

describe("a row", () => {
  test.each([
    ["type", "saga", "“saga” is none of epic, story, task, bug"],
    ["title", "x".repeat(201), "may have at most 200 characters"],
    ["title", "  ", "must not be empty"],
    ["description", "x".repeat(50_001), "may have at most 50,000 characters"],
    ["board", "Nowhere", "“Nowhere” is no board of this project, which has Board"],
    [
      "column",
      "Nowhere",
      "“Nowhere” is no column of “Board”, which has Backlog, Todo, In Progress, Code Review, QA, Done",
    ],
    ["priority", "soon", "“soon” is none of urgent, high, medium, low, none"],
    ["labels", ["x".repeat(51)], `the label “${"x".repeat(51)}” may have at most 50 characters`],
    ["labels", Array.from({ length: 21 }, String), "may have at most 20 labels"],
    ["assignee", "Eve", "“Eve” is the name or address of no member, or of several"],
    ["assignee", "Bob", "“Bob” is the name or address of no member, or of several"],
    [
      "repository",
      "lime/two",
      "“lime/two” is no repository of this tenant that you see at GitHub. Write it as owner/name",
    ],
    ["parent", "LIME-9", "“LIME-9” is no row of the file and no ticket of this project"],
    ["depends_on", "LIME-9", "“LIME-9” is no row of the file and no ticket of this project"],
    [
      "key",
      "LIME-1",
      "LIME-1 is a ticket of this project already. Let the import update tickets, or call the column “ref” to make a new one",
    ],
    ["description", "a\0", "holds a NUL or half of a character, which is no text"],
  ])("with a wrong %s is refused for %j", (field, value, message) => {
    const [decision] = decide(place, [ticket("1")], JSON.stringify([{ title: "A", [field]: value }]), "json");
    expect(reasonsOf(decision)).toEqual([`${field}: ${message}`]);
  });

  test("of another width than the first line is refused with both widths", () => {
    const decisions = decide(place, [], "title,type\nA\nB,bug\nC,bug,\n", "csv");
    expect(decisions.map(({ status }) => status)).toEqual(["refused", "created", "refused"]);
    expect(reasonsOf(decisions[0])[0]).toContain("row: has 1 cell, and the first line names 2 columns");
  });

  test("needs no more than a title, and its words count in whatever case", () => {
    const text = "Title,Type,Column,Assignee,Repository\nA,,,,\nB,BUG,in progress,ADA@example.com,Lime/One\n";
    const [plain, rich] = decide(place, [], text, "csv");
    expect(plain).toMatchObject({
      status: "created",
      fields: { type: "task", column: "backlog", priority: "none", labels: [], assigneeId: null, dependsOn: [] },
    });
    expect(rich).toMatchObject({
      status: "created",
      fields: { type: "bug", column: "in_progress", assigneeId: "7", repositoryId: "5" },
    });
  });

  test("means other rows by key or ref, whichever comes first, and tickets of the project by key", () => {
    const text = 'ref,title,parent,depends_on\nb,B,a,"a, LIME-1"\na,A,,\n';
    expect(decide(place, [ticket("1")], text, "csv")[0]).toMatchObject({
      fields: { parent: { line: 3 }, dependsOn: [{ line: 3 }, { ticketId: "1" }] },
    });
  });

  test("with a name that another row has is refused", () => {
    expect(reasonsOf(decide(place, [], "ref,title\na,A\na,B\n", "csv")[1])).toEqual(["ref: “a” stands in line 2 too"]);
    expect(reasonsOf(decide(place, [], "key,ref,title\nX-1,,A\n,X-1,B\n", "csv")[1])[0]).toContain("line 2 too");
  });

  test("that would make a circle is refused with the way, also by way of tickets of the project", () => {
    const circle = "ref,title,depends_on\na,A,b\nb,B,c\nc,C,a\nd,D,a\n";
    const decisions = decide(place, [], circle, "csv");
    expect(decisions.map(({ status }) => status)).toEqual(["refused", "refused", "refused", "created"]);
    expect(reasonsOf(decisions[0])).toEqual(["depends_on: would make a circle: a -> b -> c -> a"]);
    const tickets = [ticket("1", { dependsOn: ["2"] }), ticket("2")];
    const [closing] = decide(place, tickets, "key,depends_on,parent\nLIME-2,LIME-1,LIME-2\n", "csv", true);
    expect(reasonsOf(closing)).toEqual([
      "parent: would make a circle of parents: LIME-2 -> LIME-2",
      "depends_on: would make a circle: LIME-1 -> LIME-2 -> LIME-1",
    ]);
  });

  test("changes the fields alone that the file has and that are another than before", () => {
    const before = ticket("1", { labels: ["a"], description: "Words", assignee: { id: "99", name: "Gone" } });
    const text = "key,title,labels,assignee,priority,column\nLIME-1,New,,Gone,,\n";
    expect(decide(place, [before], text, "csv", true)).toEqual([
      {
        ...{ line: 2, status: "updated", ticketId: "1", title: "New", changed: ["title", "labels"] },
        fields: {
          ...{ type: "task", title: "New", description: "Words", acceptanceCriteria: "", column: "todo" },
          ...{ priority: "none", labels: [], assigneeId: "99", repositoryId: null, parent: null, dependsOn: [] },
        },
      },
    ]);
  });

  test("a long line of dependencies is walked without a call for each", () => {
    const text = Array.from({ length: 2000 }, (_, index) => `r${index},T,${index === 0 ? "" : `r${index - 1}`}`);
    const decisions = decide(place, [], `ref,title,depends_on\n${text.join("\n")}`, "csv");
    expect(decisions.every(({ status }) => status === "created")).toBe(true);
  });
});

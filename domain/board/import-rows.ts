import { transferColumns, type ImportReason, type TransferTicket } from "../../contracts/ticket-transfer.ts";
import { isLawfulText } from "../run/lawful.ts";
import { listOfCell, unguardedCell } from "./transfer-cells.ts";

/** The fields of a ticket that a file sets. One that the file does not have is absent. */
export type ImportCells = Partial<Omit<TransferTicket, "created_at" | "key" | "priority" | "type" | "updated_at">> & {
  readonly type?: string;
  readonly priority?: string;
};
export type ImportField = keyof ImportCells;

/** A row of a file as it was read. */
export interface ImportRow {
  /** As in the report: see ImportLine. */
  readonly line: number;
  /** The key in the file; empty without one. Other rows may mean this one by it, and by `ref`. */
  readonly key: string;
  readonly ref: string;
  readonly cells: ImportCells;
  /** The reasons for which it can't be read whole. */
  readonly problems: readonly ImportReason[];
}

/** The rows of a file. */
export interface ImportFile {
  readonly rows: readonly ImportRow[];
  readonly ignoredColumns: readonly string[];
}

/** Why no row of a file can be read, and at which line. */
export interface Unreadable {
  readonly line: number;
  readonly reason: string;
}

/** A table as a CSV holds it: records with the line at which each begins. The first one names the columns. */
export type ImportTable = readonly { readonly line: number; readonly cells: readonly string[] }[];

const lists = ["labels", "depends_on"] as const;
type ListField = (typeof lists)[number];
const isList = (field: string): field is ListField => lists.some((each) => each === field);
/** More characters than this are no list of labels or keys. */
const longestList = 10_000;
/** The row's own names, beside its fields. Times are the product's own. */
const unset = ["created_at", "updated_at"];
const known: ReadonlySet<string> = new Set([...transferColumns, "ref"]);

/** The column that a heading means: in whatever case, with spaces for underscores, and `id` for `ref`. */
function columnOf(heading: string): string {
  const name = heading
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/gu, "_");
  return name === "id" ? "ref" : name;
}

/** The rows of a table. Rows without any text are left out. */
export function rowsOfTable(table: ImportTable): ImportFile | Unreadable {
  const [head, ...records] = table;
  if (head === undefined) return { line: 1, reason: "The file is empty." };
  const columns = head.cells.map((heading) => columnOf(unguardedCell(heading)));
  const refused = refuseColumns(columns);
  if (refused !== undefined) return { line: head.line, reason: refused };
  const rows = records
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ""))
    .map(({ cells, line }) => {
      const values = new Map(columns.map((column, index) => [column, unguardedCell(cells[index] ?? "")]));
      const width = cells.length === columns.length ? [] : [wrongWidth(cells.length, columns.length)];
      return rowOf(line, values, width);
    });
  return { rows, ignoredColumns: head.cells.filter((_, index) => !known.has(columns[index] ?? "")) };
}

function wrongWidth(cells: number, columns: number): ImportReason {
  return {
    field: "row",
    message: `has ${cells} ${cells === 1 ? "cell" : "cells"}, and the first line names ${columns} columns. A cell with a comma or a line break stands in quotation marks.`,
  };
}

function refuseColumns(columns: readonly string[]): string | undefined {
  const twice = columns.find((column, index) => known.has(column) && columns.indexOf(column) !== index);
  if (twice !== undefined) return `The first line names the column “${twice}” twice.`;
  if (columns.includes("title") || columns.includes("key")) return undefined;
  return "The first line must name the columns, and “title” or “key” is not among them.";
}

/** The rows of the entries of a JSON file, which must be an array of objects. */
export function rowsOfJson(value: unknown): ImportFile | Unreadable {
  if (!Array.isArray(value)) return { line: 1, reason: "The file must hold an array of tickets." };
  const ignored = new Set<string>();
  const rows = value.map((entry: unknown, index) => {
    if (typeof entry !== "object" || entry === null || Array.isArray(entry))
      return rowOf(index + 1, new Map(), [{ field: "row", message: "must be an object with the ticket's fields" }]);
    const values = new Map<string, unknown>();
    for (const [name, given] of Object.entries(entry)) {
      const column = columnOf(name);
      if (known.has(column)) values.set(column, given);
      else ignored.add(name);
    }
    return rowOf(index + 1, values, []);
  });
  return { rows, ignoredColumns: [...ignored] };
}

function rowOf(line: number, values: ReadonlyMap<string, unknown>, found: readonly ImportReason[]): ImportRow {
  const problems = [...found];
  const texts = new Map<string, string>();
  const given: Partial<Record<ListField, string[]>> = {};
  for (const [column, value] of values) {
    if (!known.has(column) || unset.includes(column)) continue;
    const read = isList(column) ? listOf(value) : textOf(value);
    if (!read.ok) problems.push({ field: column, message: read.problem });
    else if (isList(column)) given[column] = [...read.texts];
    else texts.set(column, read.texts[0] ?? "");
  }
  const { key = "", ref = "", ...fields }: Readonly<Record<string, string>> = Object.fromEntries(texts);
  return { line, key: key.trim(), ref: ref.trim(), cells: { ...fields, ...given }, problems };
}

type ReadTexts =
  | { readonly ok: true; readonly texts: readonly string[] }
  | { readonly ok: false; readonly problem: string };

function textOf(value: unknown): ReadTexts {
  if (value === null || value === undefined) return { ok: true, texts: [""] };
  if (typeof value !== "string") return { ok: false, problem: "must be a text" };
  return lawful([value]);
}

function listOf(value: unknown): ReadTexts {
  if (value === null || value === undefined) return { ok: true, texts: [] };
  if (typeof value === "string") {
    if (value.length <= longestList) return lawful(listOfCell(value));
    return { ok: false, problem: `may have at most ${longestList.toLocaleString("en")} characters` };
  }
  if (!Array.isArray(value)) return { ok: false, problem: "must be a text or a list of texts" };
  const texts = value.filter((text: unknown) => typeof text === "string");
  return texts.length === value.length ? lawful(texts) : { ok: false, problem: "must hold texts alone" };
}

function lawful(texts: readonly string[]): ReadTexts {
  if (texts.every(isLawfulText)) return { ok: true, texts };
  return { ok: false, problem: "holds a NUL or half of a character, which is no text" };
}

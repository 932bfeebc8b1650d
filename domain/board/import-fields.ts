import { createTicketSchema, ticketPriorities, ticketTypes } from "../../contracts/project.ts";
import type { ImportReason, TransferTicket } from "../../contracts/ticket-transfer.ts";
import { columnForStage, findColumn, stageOfColumn } from "./columns.ts";
import { maxDependencies } from "./dependencies.ts";
import type { ImportCells, ImportField, ImportRow } from "./import-rows.ts";
import type { NameTable, Named, TransferNames, TransferSource, TransferTables } from "./transfer.ts";

/** A ticket that a row means: one of the project, or the one that another row of the file makes. */
export type TicketRef = { readonly ticketId: string } | { readonly line: number };

/** A ticket as a row sets it. */
export interface ImportedFields {
  readonly type: TransferTicket["type"];
  readonly title: string;
  readonly description: string;
  readonly acceptanceCriteria: string;
  readonly column: string;
  readonly priority: TransferTicket["priority"];
  readonly labels: readonly string[];
  readonly assigneeId: string | null;
  readonly repositoryId: string | null;
  readonly parent: TicketRef | null;
  readonly dependsOn: readonly TicketRef[];
}

/** A ticket that a row changes: as it is, and as the export writes it for the same reader. */
export interface ChangedTicket {
  readonly source: TransferSource;
  readonly written: TransferTicket;
  /** The deleted tickets that it depends on. No file names them, and they stay. */
  readonly deletedDependencies: readonly string[];
}

/** The surroundings of a row. */
export interface ImportSurroundings {
  readonly names: TransferNames;
  readonly tables: TransferTables;
  /** The ticket that a key or a `ref` means; a sentence's end where it means none. */
  readonly refOf: (name: string) => TicketRef | string;
}

/** A row's ticket, with the fields that are another than before, and why it is refused. */
export interface ReadFields {
  readonly fields: ImportedFields;
  readonly changed: readonly ImportField[];
  readonly reasons: readonly ImportReason[];
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const sorted = (refs: readonly TicketRef[]): readonly string[] => refs.map((ref) => JSON.stringify(ref)).toSorted();

/**
 * Reads a row's fields. A column that the file does not have, and a cell that says what the export says, leave a ticket's field as it is;
 * for a new ticket the column's default counts. An empty cell clears a field, but leaves type, priority and column.
 */
export function readFields(row: ImportRow, before: ChangedTicket | null, around: ImportSurroundings): ReadFields {
  const reader = new FieldReader(row.cells, before, around);
  const fields = {
    ...reader.texts(),
    ...reader.choices(),
    column: reader.column(),
    labels: reader.labels(),
    ...reader.people(),
    parent: reader.parent(),
    dependsOn: reader.dependsOn(),
  };
  // A cell that can't be read looks like one that is not there.
  const unread = new Set(row.problems.map(({ field }) => field));
  const reasons = [...row.problems, ...reader.reasons.filter(({ field }) => !unread.has(field))];
  return { fields, changed: reader.changed, reasons };
}

class FieldReader {
  readonly reasons: ImportReason[] = [];
  readonly changed: ImportField[] = [];
  readonly #cells: ImportCells;
  readonly #before: ChangedTicket | null;
  readonly #around: ImportSurroundings;

  constructor(cells: ImportCells, before: ChangedTicket | null, around: ImportSurroundings) {
    this.#cells = cells;
    this.#before = before;
    this.#around = around;
  }

  texts() {
    return {
      title: this.#title(),
      description: this.#text("description", "description"),
      acceptanceCriteria: this.#text("acceptance_criteria", "acceptanceCriteria"),
    };
  }

  choices() {
    const { priority, type } = this.#before?.source ?? { type: "task" as const, priority: "none" as const };
    return {
      type: this.#choice("type", ticketTypes, type),
      priority: this.#choice("priority", ticketPriorities, priority),
    };
  }

  labels(): readonly string[] {
    const before = this.#before?.source.labels ?? [];
    const given = this.#given("labels");
    if (given === undefined) return before;
    const checked = createTicketSchema.shape.labels.safeParse(given);
    if (checked.success) return this.#takes("labels", given, before);
    for (const { message, path } of checked.error.issues) {
      const [at] = path;
      const label = typeof at === "number" ? `the label “${shortened(given[at] ?? "")}” ` : "";
      this.#refuse("labels", `${label}${message}`);
    }
    return before;
  }

  people() {
    const { members, repositories } = this.#around.tables;
    const before = this.#before?.source;
    return {
      assigneeId: this.#named("assignee", members, before?.assignee?.id ?? null, unknownMember),
      repositoryId: this.#named("repository", repositories, before?.repositoryId ?? null, unknownRepository),
    };
  }

  /** The column's id. */
  column(): string {
    const { names, tables } = this.#around;
    const { boards } = names;
    const before = this.#before?.source.column;
    const home = before === undefined ? undefined : findColumn(boards, before)?.board;
    const fallback = before ?? columnForStage(boards, "backlog", boards[0])?.id ?? "";
    if (this.#given("column") === undefined && this.#given("board") === undefined) return fallback;
    const columnCell = (this.#cells.column ?? "").trim();
    const boardCell = (this.#cells.board ?? "").trim();
    if (columnCell === "" && boardCell === "") return fallback;
    const board = boardCell === "" ? undefined : tables.boards.find(boardCell);
    if (boardCell !== "" && board === undefined) {
      this.#refuse("board", `“${shortened(boardCell)}” is no board of this project, which has ${listed(boards)}`);
      return fallback;
    }
    if (columnCell === "" && board !== undefined) {
      const stage = before === undefined ? "backlog" : (stageOfColumn(boards, before) ?? "backlog");
      return this.#takes("board", columnForStage([board], stage, board)?.id ?? fallback, before);
    }
    const asked = board === undefined ? [...(home === undefined ? [] : [home]), ...boards] : [board];
    for (const { id } of asked) {
      const column = tables.columns.get(id)?.find(columnCell);
      if (column !== undefined) return this.#takes("column", column.id, before);
    }
    const shown = board ?? home ?? boards[0];
    this.#refuse(
      "column",
      `“${shortened(columnCell)}” is no column of “${shown?.name ?? ""}”, which has ${listed(shown?.columns ?? [])}`,
    );
    return fallback;
  }

  parent(): TicketRef | null {
    const before = this.#before?.source.parentId ?? null;
    const kept = before === null ? null : { ticketId: before };
    const cell = this.#given("parent")?.trim();
    if (cell === undefined) return kept;
    if (cell === "") return this.#takes("parent", null, kept);
    const ref = this.#around.refOf(cell);
    if (typeof ref !== "string") return this.#takes("parent", ref, kept);
    this.#refuse("parent", ref);
    return kept;
  }

  dependsOn(): readonly TicketRef[] {
    const kept = (this.#before?.source.dependsOn ?? []).map((ticketId) => ({ ticketId }));
    const given = this.#given("depends_on");
    if (given === undefined) return kept;
    const refs: TicketRef[] = [];
    for (const name of new Set(given.map((each) => each.trim()))) {
      const ref = this.#around.refOf(name);
      if (typeof ref === "string") this.#refuse("depends_on", ref);
      else refs.push(ref);
    }
    if (refs.length > maxDependencies)
      this.#refuse("depends_on", `names ${refs.length} tickets, and a ticket depends on at most ${maxDependencies}`);
    const deleted = (this.#before?.deletedDependencies ?? []).map((ticketId) => ({ ticketId }));
    const next = [...refs, ...deleted];
    if (this.#before !== null && same(sorted(next), sorted(kept))) return kept;
    return this.#takes("depends_on", next, null);
  }

  #title(): string {
    const before = this.#before?.source.title ?? "";
    const cell = this.#given("title");
    if (cell === undefined && this.#before !== null) return before;
    const title = (cell ?? "").trim();
    return this.#checked("title", title, before);
  }

  #text(field: "acceptance_criteria" | "description", name: "acceptanceCriteria" | "description"): string {
    const before = this.#before?.source[name] ?? "";
    const cell = this.#given(field);
    return cell === undefined ? before : this.#checked(field, cell, before);
  }

  #checked(field: "acceptance_criteria" | "description" | "title", text: string, before: string): string {
    const { acceptanceCriteria, description, title } = createTicketSchema.shape;
    const checked = { acceptance_criteria: acceptanceCriteria, description, title }[field].safeParse(text);
    if (checked.success) return this.#takes(field, text, before);
    for (const { message } of checked.error.issues) this.#refuse(field, message);
    return before;
  }

  #choice<T extends string>(field: "priority" | "type", choices: readonly T[], before: T): T {
    const cell = this.#given(field)?.trim() ?? "";
    if (cell === "") return before;
    const found = choices.find((each) => each === cell.toLowerCase());
    if (found !== undefined) return this.#takes(field, found, before);
    this.#refuse(field, `“${shortened(cell)}” is none of ${choices.join(", ")}`);
    return before;
  }

  #named(
    field: "assignee" | "repository",
    table: NameTable<Named>,
    before: string | null,
    unknown: (cell: string) => string,
  ): string | null {
    const cell = this.#given(field)?.trim();
    if (cell === undefined) return before;
    if (cell === "") return this.#takes(field, null, before);
    const found = table.find(cell);
    if (found !== undefined) return this.#takes(field, found.id, before);
    this.#refuse(field, unknown(shortened(cell)));
    return before;
  }

  /** A field's cell; undefined where the field stays: the file has no such column, or the cell says what the export says. */
  #given<Field extends ImportField>(field: Field): ImportCells[Field] | undefined {
    const cell = this.#cells[field];
    if (cell === undefined || this.#before === null) return cell;
    return same(cell, this.#before.written[field]) ? undefined : cell;
  }

  #takes<T>(field: ImportField, value: T, before: unknown): T {
    if (this.#before !== null && !same(value, before)) this.changed.push(field);
    return value;
  }

  #refuse(field: ImportField, message: string): void {
    this.reasons.push({ field, message });
  }
}

const unknownMember = (cell: string): string => `“${cell}” is the name or address of no member, or of several`;
const unknownRepository = (cell: string): string =>
  `“${cell}” is no repository of this tenant that you see at GitHub. Write it as owner/name`;

/** A text of a file as a sentence quotes it. */
export function shortened(text: string): string {
  const characters = Array.from(text);
  return characters.length > 60 ? `${characters.slice(0, 59).join("")}…` : text;
}

function listed(things: readonly Named[]): string {
  return things.map(({ name }) => name).join(", ");
}

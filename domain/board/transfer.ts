import type { BoardLayout } from "../../contracts/board.ts";
import type { TransferTicket } from "../../contracts/ticket-transfer.ts";

/** A thing that files call by its name. `aliases` are other texts that mean it. */
export interface Named {
  readonly id: string;
  readonly name: string;
  readonly aliases?: readonly string[];
}

/** The things around tickets that files call by their names. */
export interface TransferNames {
  readonly boards: readonly BoardLayout[];
  readonly members: readonly Named[];
  /** Those that the reader sees; their names are `owner/name`. */
  readonly repositories: readonly Named[];
}

/** A ticket as far as files hold it. */
export interface TransferSource {
  readonly key: string;
  readonly type: TransferTicket["type"];
  readonly title: string;
  readonly description: string;
  readonly acceptanceCriteria: string;
  readonly column: string;
  readonly priority: TransferTicket["priority"];
  readonly labels: readonly string[];
  readonly assignee: { readonly id: string; readonly name: string } | null;
  readonly repositoryId: string | null;
  readonly parentId: string | null;
  readonly dependsOn: readonly string[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Things by the labels that files have for them. */
export interface NameTable<T extends Named> {
  /** The name of a thing by its id; with the id behind it where another one has the same name. */
  readonly labels: ReadonlyMap<string, string>;
  /**
   * The thing that a text means: the one of that label, or else the only one of that name in whatever case, by an alias, or by its id.
   * Undefined where none or several are meant.
   */
  find(text: string): T | undefined;
}

const plain = (text: string): string => text.trim().toLowerCase();

/** A table of things, made once and asked often. */
export function nameTable<T extends Named>(things: readonly T[]): NameTable<T> {
  const sameName = Map.groupBy(things, ({ name }) => name);
  const label = ({ id, name }: T): string => ((sameName.get(name)?.length ?? 0) > 1 ? `${name} (${id})` : name);
  const byLabel = new Map(things.map((thing) => [label(thing), thing]));
  const byPlain = Map.groupBy(
    things.flatMap((thing) =>
      [...new Set([thing.name, ...(thing.aliases ?? [])].map(plain))].map((text) => ({ text, thing })),
    ),
    ({ text }) => text,
  );
  const byId = new Map(things.map((thing) => [thing.id, thing]));
  return {
    labels: new Map(things.map((thing) => [thing.id, label(thing)])),
    find(text) {
      const exact = byLabel.get(text);
      if (exact !== undefined) return exact;
      const same = byPlain.get(plain(text));
      if (same !== undefined) return same.length === 1 ? same[0]?.thing : undefined;
      return byId.get(text.trim());
    },
  };
}

/** The things of a project by the labels that files have for them. */
export interface TransferTables {
  readonly boards: NameTable<BoardLayout>;
  /** The columns of each board, by the board's id. */
  readonly columns: ReadonlyMap<string, NameTable<BoardLayout["columns"][number]>>;
  readonly members: NameTable<Named>;
  readonly repositories: NameTable<Named>;
}

/** The tables of names. */
export function transferTables({ boards, members, repositories }: TransferNames): TransferTables {
  return {
    boards: nameTable(boards),
    columns: new Map(boards.map((board) => [board.id, nameTable(board.columns)])),
    members: nameTable(members),
    repositories: nameTable(repositories),
  };
}

/** The writer of tickets as files hold them. `isoTime` writes UTC milliseconds; `keyOf` is undefined for tickets that are left out. */
export function transferWriter(
  names: TransferNames,
  tables: TransferTables,
  isoTime: (atMs: number) => string,
): (ticket: TransferSource, keyOf: (ticketId: string) => string | undefined) => TransferTicket {
  const places = new Map(
    names.boards.flatMap((board) =>
      board.columns.map((column) => [
        column.id,
        {
          board: tables.boards.labels.get(board.id) ?? "",
          column: tables.columns.get(board.id)?.labels.get(column.id) ?? "",
        },
      ]),
    ),
  );
  const named = (table: NameTable<Named>, id: string | null, other = ""): string =>
    id === null ? "" : (table.labels.get(id) ?? other);
  return (ticket, keyOf) => ({
    key: ticket.key,
    type: ticket.type,
    title: ticket.title,
    description: ticket.description,
    acceptance_criteria: ticket.acceptanceCriteria,
    board: places.get(ticket.column)?.board ?? "",
    column: places.get(ticket.column)?.column ?? "",
    priority: ticket.priority,
    labels: [...ticket.labels],
    assignee: named(tables.members, ticket.assignee?.id ?? null, ticket.assignee?.name),
    repository: named(tables.repositories, ticket.repositoryId),
    parent: ticket.parentId === null ? "" : (keyOf(ticket.parentId) ?? ""),
    depends_on: ticket.dependsOn.flatMap((id) => keyOf(id) ?? []),
    created_at: isoTime(ticket.createdAtMs),
    updated_at: isoTime(ticket.updatedAtMs),
  });
}

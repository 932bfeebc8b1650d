import type { BoardLayout } from "../../../contracts/board.ts";
import { decideLayout, newBoardId, type LayoutEdit } from "../../../domain/board/layout.ts";
import { isUniqueViolation, type Database, type Statement } from "../../db/client.ts";
import {
  deleteBoard,
  insertBoard,
  insertBoardCreated,
  relocateDeleted,
  updateBoard,
  updateProject,
} from "../../db/stores/board-layout.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import {
  changeOf,
  commitChange,
  nothing,
  type BoardState,
  type BoardWrite,
  type ChangeData,
  type CommandOf,
  type Planned,
  type Refused,
} from "./board-commit.ts";

const actions: Readonly<Record<LayoutEdit["do"], string>> = {
  board_created: "board.created",
  board_renamed: "board.renamed",
  board_deleted: "board.deleted",
  column_added: "board.column_added",
  column_changed: "board.column_changed",
  column_removed: "board.column_removed",
};

/** Plans a change of the project's boards or their columns. */
export function planLayout(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"layout">>,
): Planned | Refused {
  const { edit } = write.command;
  const decided = decideLayout(state, edit);
  if (!decided.ok) return decided;
  const { layout } = decided;
  if (layout === undefined) return nothing;
  const change = changeOf(state, write, "boards.changed", layout);
  const audit = auditProject(db, place, write, actions[edit.do], edit);
  const made = layout.boards.find(({ id }) => id === newBoardId);
  if (made !== undefined)
    return {
      ...nothing,
      commit: async () => {
        const [[row]] = await db.batch([
          insertBoard(db, place, made, write.atMs),
          insertBoardCreated(db, place, change),
          audit,
        ]);
        const boards = layout.boards.map((board) => (board === made ? { ...made, id: String(row?.id ?? "") } : board));
        return {
          changes: [{ ...change, data: { ...layout, boards } }],
          nextNumber: state.nextNumber,
          ticketIds: [],
        };
      },
    };
  const statements = [...storedLayout(db, place, state.boards, layout), audit];
  return { ...nothing, commit: async () => commitChange(db, place, state, change, statements) };
}

/** The statements that bring the stored boards to a layout without a new board. */
function storedLayout(
  db: Database,
  place: BoardPlace,
  before: readonly BoardLayout[],
  { boards, relocated }: ChangeData<"boards.changed">,
): readonly Statement[] {
  return [
    ...boards.filter((board) => !before.includes(board)).map((board) => updateBoard(db, place, board)),
    ...before.filter(({ id }) => !boards.some((board) => board.id === id)).map(({ id }) => deleteBoard(db, place, id)),
    ...relocated.map((each) => relocateDeleted(db, place, each)),
  ];
}

/**
 * Plans a change of the project's own fields. Its key can't change once there was a ticket: tickets' keys begin with it, and are in
 * branches, commits and pull requests.
 */
export function planProject(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite<CommandOf<"project">>,
): Planned | Refused {
  const { description, isArchived, key, name } = write.command.edit;
  const newKey = key === state.key ? undefined : key;
  if (newKey !== undefined && state.nextNumber > 1) return keyInUse(state.key);
  const archives = isArchived === undefined || isArchived === state.isArchived ? undefined : isArchived;
  const fields: ChangeData<"project.changed">["fields"] = {
    ...(newKey === undefined ? {} : { key: newKey }),
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(description === undefined ? {} : { description }),
    ...(archives === undefined ? {} : { archivedAtMs: archives ? write.atMs : null }),
  };
  if (Object.keys(fields).length === 0) return nothing;
  const change = changeOf(state, write, "project.changed", { fields });
  const action = archives === undefined ? "project.updated" : archives ? "project.archived" : "project.unarchived";
  return {
    ...nothing,
    refusalOf: (error) =>
      isUniqueViolation(error, "project.tenant_id, project.key") ? keyTaken(newKey ?? "") : undefined,
    commit: async () =>
      commitChange(db, place, state, change, [
        updateProject(db, place, fields),
        auditProject(db, place, write, action, fields),
      ]),
  };
}

function auditProject(
  db: Database,
  { projectId, tenantId }: BoardPlace,
  { atMs, caller }: BoardWrite,
  action: string,
  data: object,
): Statement {
  return recordAudit(
    db,
    { scope: { ...caller, tenantId }, atMs },
    { action, subject: `project:${projectId}`, data: { ...data } },
  );
}

function keyInUse(key: string): Refused {
  const message = `can't change any more: tickets have keys such as ${key}-1, which are in branches and pull requests`;
  return { ok: false, code: "conflict", detail: `The key ${message}.`, issue: { path: "key", message } };
}

function keyTaken(key: string): Refused {
  const detail = `There is a project with the key ${key} already.`;
  return { ok: false, code: "conflict", detail, issue: { path: "key", message: "is taken" } };
}

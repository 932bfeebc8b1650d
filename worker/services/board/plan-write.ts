import { projectIsArchived, type UpdateProject } from "../../../contracts/project.ts";
import type { Database } from "../../db/client.ts";
import type { BoardPlace } from "../../ports/board-host.ts";
import { nothing, type BoardState, type BoardWrite, type Planned, type Refused } from "./board-commit.ts";
import { planAttach } from "./plan-attach.ts";
import { planComment, planCommentChange } from "./plan-comment.ts";
import { planCreate } from "./plan-create.ts";
import { planImport } from "./plan-import.ts";
import { planLayout, planProject } from "./plan-layout.ts";
import { planDeletion, planEdit } from "./plan-edit.ts";
import { planLink } from "./plan-link.ts";
import { planMove, planRunMove } from "./plan-move.ts";

const archived: Refused = { ok: false, code: "conflict", detail: projectIsArchived };

/**
 * Decides a write by the facts of the board. Returns a refusal, or how to commit it: one batch with the tickets' rows, the audit entries
 * and the numbered change. Reads from the database only what facts do not hold. Throws whatever the database throws.
 */
export async function planWrite(
  db: Database,
  place: BoardPlace,
  state: BoardState,
  write: BoardWrite,
): Promise<Planned | Refused> {
  const { command } = write;
  if (state.isArchived && !(command.kind === "project" && isAboutArchiving(command.edit)))
    // A run that was under way when its project was archived goes on without its ticket.
    return command.kind === "run_move" ? nothing : archived;
  switch (command.kind) {
    case "create":
      return planCreate(db, place, state, { ...write, command });
    case "import":
      return planImport(db, place, state, { ...write, command });
    case "move":
      return planMove(db, place, state, { ...write, command });
    case "run_move":
      return planRunMove(db, place, state, { ...write, command });
    case "edit":
      return planEdit(db, place, state, { ...write, command });
    case "link":
    case "unlink":
      return planLink(db, place, state, { ...write, command });
    case "comment":
      return planComment(db, place, state, { ...write, command });
    case "edit_comment":
    case "delete_comment":
    case "restore_comment":
      return planCommentChange(db, place, state, { ...write, command });
    case "attach":
    case "detach":
    case "reattach":
      return planAttach(db, place, state, { ...write, command });
    case "delete":
    case "restore":
      return planDeletion(db, place, state, { ...write, command });
    case "layout":
      return planLayout(db, place, state, { ...write, command });
    case "project":
      return planProject(db, place, state, { ...write, command });
  }
}

/** Whether an edit of an archived project unarchives it, or archives it once more, which changes nothing. */
function isAboutArchiving({ isArchived, ...rest }: UpdateProject): boolean {
  return isArchived === false || (isArchived === true && Object.values(rest).every((value) => value === undefined));
}

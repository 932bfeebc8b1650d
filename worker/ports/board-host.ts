import type { Autopilot } from "../../contracts/autopilot.ts";
import type { BoardTicket, BoardWritten, EditTicket, MoveTickets, TicketRun } from "../../contracts/board.ts";
import type { Person } from "../../contracts/common.ts";
import type { ErrorCode } from "../../contracts/errors.ts";
import type { TicketStage, UpdateProject } from "../../contracts/project.ts";
import type { ImportLine } from "../../contracts/ticket-transfer.ts";
import type { ImportRow } from "../../domain/board/import-rows.ts";
import type { LayoutEdit } from "../../domain/board/layout.ts";
import type { TransferNames } from "../../domain/board/transfer.ts";
import type { EditComment } from "../../contracts/ticket-parts.ts";
import type { Caller } from "./run-host.ts";

/** The board that is meant. */
export interface BoardPlace {
  readonly tenantId: number;
  readonly projectId: number;
}

/** A ticket on its way in. Its number, rank and version come from the board. */
export interface NewTicket {
  readonly type: BoardTicket["type"];
  readonly title: string;
  readonly description: string;
  readonly acceptanceCriteria: string;
  /** Null: the first column of `stage`, in the board of its parent where it has one. */
  readonly column: string | null;
  /** Absent: the backlog. */
  readonly stage?: TicketStage;
  readonly priority: BoardTicket["priority"];
  readonly labels: readonly string[];
  readonly assigneeId: number | null;
  readonly repositoryId: number | null;
  readonly parentId: number | null;
  /** The source key of the ticket of the same command that is its parent in the place of `parentId`, which then only names the board. */
  readonly parentKey?: string | null;
  readonly createdBy: number | null;
  /** Names the ticket for ever: one that the project has already is not made again. Null: each call makes one. */
  readonly sourceKey: string | null;
  /** Source keys of tickets of the same command that it depends on. */
  readonly dependsOn: readonly string[];
}

/** A file on its way to a ticket; its bytes are in the object store already. */
export interface NewFile {
  readonly ticketId: number;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly storageKey: string;
  readonly createdBy: number | null;
}

/** The rows of a file on their way to a board, where they are decided. */
export interface ImportedFile {
  readonly rows: readonly ImportRow[];
  /** Names the file by its content: rows of it that made tickets are known again. */
  readonly source: string;
  readonly mayUpdate: boolean;
  /** True: the lines are decided and nothing is written. */
  readonly isDryRun: boolean;
  /** The members of the tenant, and the repositories that the caller sees. */
  readonly names: Omit<TransferNames, "boards">;
  readonly createdBy: number | null;
}

/** Everything that changes a board. The services have checked permission, members and repositories. */
export type BoardCommand =
  | { readonly kind: "create"; readonly tickets: readonly NewTicket[] }
  /** Writes all rows, or none when one is refused: the result has the lines. */
  | { readonly kind: "import"; readonly file: ImportedFile }
  | { readonly kind: "move"; readonly move: MoveTickets }
  /** A run moves its ticket within its board, once for a key, and only from a stage that it may come from. */
  | {
      readonly kind: "run_move";
      readonly ticketId: string;
      readonly from: readonly TicketStage[];
      readonly to: TicketStage;
      readonly effectKey: string;
    }
  | { readonly kind: "edit"; readonly ticketId: string; readonly edit: EditTicket }
  /** `ticketId` depends on `dependsOn` from now on, or no more. */
  | { readonly kind: "link" | "unlink"; readonly ticketId: string; readonly dependsOn: string }
  | {
      readonly kind: "comment";
      readonly ticketId: string;
      readonly body: string;
      readonly authorId: number | null;
      /** Names the comment for ever: one that was made already is not made again. */
      readonly sourceKey: string;
    }
  | ({ readonly kind: "edit_comment"; readonly commentId: string } & EditComment)
  | { readonly kind: "delete_comment" | "restore_comment"; readonly commentId: string }
  | { readonly kind: "attach"; readonly file: NewFile }
  | { readonly kind: "detach" | "reattach"; readonly attachmentId: string }
  | { readonly kind: "delete"; readonly ticketIds: readonly string[] }
  | { readonly kind: "restore"; readonly ticketIds: readonly string[] }
  | { readonly kind: "layout"; readonly edit: LayoutEdit }
  | { readonly kind: "project"; readonly edit: UpdateProject };

/**
 * The result of a write. `ticketIds` are those of a `create`, in its order. An `import` has its lines, and `ticketIds` in their order when
 * it was written. A refusal has changed nothing.
 */
export type BoardResult =
  | ({
      readonly ok: true;
      readonly ticketIds: readonly string[];
      readonly lines?: readonly ImportLine[];
    } & BoardWritten)
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly detail: string;
      readonly issue?: { readonly path: string; readonly message: string };
    };

/** A socket's beginning. */
export interface BoardSocketStart {
  /** The number of the last change that the client has. */
  readonly since: number;
  readonly sessionKey: string;
  /** When the session expires, in UTC milliseconds. */
  readonly expiresAtMs: number;
  readonly person: Person;
}

/** The boards' hosts: one single-threaded host a project, through which every write of its tickets goes. */
export interface BoardHost {
  /** Decides and commits one write after the other; throws whatever the database throws, and then nothing was changed. */
  write(place: BoardPlace, caller: Caller, command: BoardCommand): Promise<BoardResult>;
  /** Shows a run's state on its ticket's card to whoever has the board open. Nothing is stored. */
  showRun(place: BoardPlace, ticketId: string, run: TicketRun): Promise<void>;
  /** The project's autopilot with its line; undefined without the project. Throws whatever the database throws. */
  autopilot(place: BoardPlace): Promise<Autopilot | undefined>;
  /** Lets the autopilot begin or stop, after its settings were changed. */
  steerAutopilot(place: BoardPlace): Promise<void>;
  /** Upgrades to the board's socket; it is closed when the session ends. */
  socket(place: BoardPlace, request: Request, opening: BoardSocketStart): Promise<Response>;
  /** Closes the sockets that a session has opened on the board. */
  closeSockets(projectId: number, sessionKey: string, reason: "signed_out" | "expired" | "forbidden"): Promise<void>;
}

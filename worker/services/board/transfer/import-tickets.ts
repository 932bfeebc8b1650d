import {
  importStatuses,
  type ImportReport,
  type ImportStatus,
  type TransferFormat,
} from "../../../../contracts/ticket-transfer.ts";
import { toHex } from "../../../../domain/hash.ts";
import { requirePermission, responsibleUserId, type Scope, type ServiceDeps } from "../../../context.ts";
import { projectExists } from "../../../db/stores/project.ts";
import { ServiceError } from "../../../errors.ts";
import { writeBoard } from "../write-board.ts";
import { readTransferNames } from "./names.ts";
import { readImportFile } from "./read-file.ts";

/** A file of tickets, and what to do with it. */
export interface ImportRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly format: TransferFormat;
  readonly isDryRun: boolean;
  readonly mayUpdate: boolean;
}

/**
 * Takes a file's tickets into a project, all of them or, when a line is refused, none, and reports line by line. `ticket.create`; with
 * updates `ticket.edit` and `ticket.move` too. The same file again finds the tickets that it made. `invalid_request` with the line for a
 * file that can't be read, `not_found` without the project, `conflict` for an archived one.
 */
export async function importTickets(
  deps: ServiceDeps,
  scope: Scope,
  projectId: number,
  { bytes, format, isDryRun, mayUpdate }: ImportRequest,
): Promise<ImportReport> {
  requirePermission(scope, "ticket.create");
  if (mayUpdate) {
    requirePermission(scope, "ticket.edit");
    requirePermission(scope, "ticket.move");
  }
  if (!(await projectExists(deps.db, scope.tenantId, projectId)))
    throw new ServiceError("not_found", "There is no such project.");
  const read = readImportFile(bytes, format);
  if ("reason" in read) {
    const { line, reason } = read;
    throw new ServiceError("invalid_request", `Line ${line}: ${reason} Nothing was imported.`, {
      issues: [{ path: `line ${line}`, message: reason }],
    });
  }
  const { ignoredColumns, rows } = read;
  const repositories = rows.flatMap(({ cells }) => cells.repository ?? []);
  const file = {
    ...{ rows, isDryRun, mayUpdate },
    source: `import:${toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)))}`,
    names: await readTransferNames(deps, scope, projectId, [...new Set(repositories)]),
    createdBy: responsibleUserId(scope.actor),
  };
  const { lines = [], ticketIds } = await writeBoard(deps, scope, projectId, { kind: "import", file });
  const count = (status: ImportStatus): number => lines.filter((line) => line.status === status).length;
  const [refused, created, updated, unchanged] = importStatuses.map(count) as [number, number, number, number];
  return {
    applied: !isDryRun && refused === 0,
    counts: { created, updated, unchanged, refused },
    ignoredColumns: [...ignoredColumns],
    lines: lines.map((line, index) => ({ ...line, ticketId: line.ticketId ?? ticketIds[index] ?? null })),
  };
}

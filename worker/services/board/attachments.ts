import { actorKey } from "../../../contracts/actor.ts";
import { maxAttachmentBytes, maxAttachments, maxFileName, type Attachment } from "../../../contracts/ticket-parts.ts";
import { toHex } from "../../../domain/hash.ts";
import { readImageHeader } from "../../../domain/image/read-header.ts";
import { cleanFileName } from "../../../domain/text/file-name.ts";
import { requirePermission, responsibleUserId, type Scope, type ServiceDeps } from "../../context.ts";
import {
  countAttachments,
  findAttachment,
  findNewestAttachment,
  listAttachments,
  type AttachmentRow,
} from "../../db/stores/ticket-attachment.ts";
import { ServiceError } from "../../errors.ts";
import { attachmentKey } from "../../ports/blobs.ts";
import { tooManyFiles } from "./plan-attach.ts";
import { requireTicketProject, writeBoard } from "./write-board.ts";

/** The refusal of a file that is too large. */
export const fileTooLarge = `A file may have at most ${maxAttachmentBytes / 1_000_000} MB. Make it smaller, or link to it.`;

const unknownType = "application/octet-stream";
const mediaTypePattern = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/u;

/** The files of a ticket, oldest first. `ticket.read`. `not_found` without the ticket. */
export async function getAttachments(
  { db }: Pick<ServiceDeps, "db">,
  scope: Scope,
  ticketId: number,
): Promise<Attachment[]> {
  requirePermission(scope, "ticket.read");
  const [, rows] = await Promise.all([
    requireTicketProject({ db }, scope, ticketId),
    listAttachments(db, scope.tenantId, ticketId),
  ]);
  return rows.map(attachmentView);
}

/**
 * Keeps a file on a ticket. `upload.create`. Its bytes go to the object store first: a row never names bytes that are not there.
 * `invalid_request` for an empty one, `payload_too_large`, `conflict` for one too many, `rate_limited`, `not_found`.
 */
export async function addAttachment(
  deps: ServiceDeps,
  scope: Scope,
  ticketId: number,
  file: { readonly bytes: Uint8Array<ArrayBuffer>; readonly name: string; readonly contentType: string },
): Promise<Attachment> {
  requirePermission(scope, "upload.create");
  const { blobs, db } = deps;
  const { tenantId } = scope;
  const { bytes, contentType } = file;
  const projectId = await requireTicketProject(deps, scope, ticketId);
  if (bytes.length === 0) throw new ServiceError("invalid_request", "The file is empty: there is nothing to keep.");
  if (bytes.length > maxAttachmentBytes) throw new ServiceError("payload_too_large", fileTooLarge);
  if (!(await deps.mayUpload(`${tenantId}:${actorKey(scope.actor)}`)))
    throw new ServiceError("rate_limited", "You uploaded many files just now. Wait a minute, then go on.", {
      retryAfterMs: 60_000,
    });
  if ((await countAttachments(db, tenantId, ticketId)) >= maxAttachments)
    throw new ServiceError("conflict", tooManyFiles);
  const sha256 = toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  const storageKey = attachmentKey(tenantId, sha256);
  const mediaType = typeOf(bytes, contentType);
  await blobs.put(storageKey, { bytes, contentType: unknownType });
  const name = cleanFileName(file.name, maxFileName);
  const createdBy = responsibleUserId(scope.actor);
  const row = { ticketId, name, mediaType, bytes: bytes.length, sha256, storageKey, createdBy };
  await writeBoard(deps, scope, projectId, { kind: "attach", file: row });
  const made = await findNewestAttachment(db, tenantId, row);
  if (made === undefined) throw missing();
  return attachmentView(made);
}

/** A file's bytes, with its name; `imageType` is null for everything that pages must not show. `upload.read`. `not_found`. */
export async function readAttachment({ blobs, db }: Pick<ServiceDeps, "blobs" | "db">, scope: Scope, id: number) {
  requirePermission(scope, "upload.read");
  const row = await findAttachment(db, scope.tenantId, id);
  if (row === undefined || row.attachment.deletedAtMs !== null) throw missing();
  const blob = await blobs.get(row.attachment.storageKey);
  if (blob === undefined) throw missing();
  const { isImage, mediaType, name } = attachmentView(row);
  return { bytes: blob.bytes, name, contentType: isImage ? mediaType : unknownType };
}

/** Deletes a file from its ticket; it can be restored. `upload.create`. `not_found`. */
export async function deleteAttachment(deps: ServiceDeps, scope: Scope, id: number): Promise<void> {
  const { projectId } = await requireAttachment(deps, scope, id);
  await writeBoard(deps, scope, projectId, { kind: "detach", attachmentId: String(id) });
}

/** Brings a deleted file back. `upload.create`. `not_found`; `conflict` when the ticket is full meanwhile. */
export async function restoreAttachment(deps: ServiceDeps, scope: Scope, id: number): Promise<Attachment> {
  const row = await requireAttachment(deps, scope, id);
  await writeBoard(deps, scope, row.projectId, { kind: "reattach", attachmentId: String(id) });
  return attachmentView(row);
}

async function requireAttachment({ db }: Pick<ServiceDeps, "db">, scope: Scope, id: number): Promise<AttachmentRow> {
  requirePermission(scope, "upload.create");
  const row = await findAttachment(db, scope.tenantId, id);
  if (row === undefined) throw missing();
  return row;
}

/** An image's type is read from its bytes; a file that only says so is none. */
function typeOf(bytes: Uint8Array<ArrayBuffer>, contentType: string): string {
  const header = readImageHeader(bytes);
  if (typeof header !== "string") return header.mediaType;
  const said = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  return mediaTypePattern.test(said) && !said.startsWith("image/") ? said : unknownType;
}

function missing(): ServiceError {
  return new ServiceError("not_found", "There is no such file.");
}

function attachmentView({ attachment, creator }: AttachmentRow): Attachment {
  const { bytes, createdAtMs, id, mediaType, name, sha256, ticketId } = attachment;
  return {
    id: String(id),
    ticketId: String(ticketId),
    name,
    mediaType,
    isImage: mediaType.startsWith("image/"),
    sizeBytes: bytes,
    sha256,
    createdBy: creator === null ? null : { id: String(creator.id), name: creator.name, avatarUrl: creator.image },
    createdAtMs,
  };
}

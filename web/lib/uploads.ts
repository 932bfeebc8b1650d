import type { Attachment } from "../../contracts/ticket-parts.ts";
import type { Image } from "../../contracts/upload.ts";
import { formatBytes } from "./format.ts";
import { postFile } from "./post-file.ts";
import { fileBytes, imageBytes, imageTypes } from "./vocabulary.ts";

/** Where an image is shown from. */
export function imagePath(id: string): string {
  return `/api/uploads/${encodeURIComponent(id)}`;
}

/** Why a file can't go with a prompt, or null. The server looks again, at the bytes. */
export function imageProblem(file: Pick<File, "size" | "type">): string | null {
  if (file.type === "image/svg+xml") return "SVG can’t be read by the models. Send it as PNG.";
  if (!imageTypes.some((type) => type === file.type)) return "Not an image: PNG, JPEG, GIF and WebP can be attached.";
  if (file.size > imageBytes)
    return `Too large: ${(file.size / 1_000_000).toFixed(1)} MB, and an image may have ${imageBytes / 1_000_000} MB.`;
  return null;
}

/** Follows and stops a file on its way: `onProgress` gets the sent part, from 0 to 1; `signal` ends it. */
interface Sent {
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal;
}

/** Sends an image and returns it as the server keeps it. Throws as `postFile` does. */
export function uploadImage(file: File, sent: Sent): Promise<Image> {
  return postFile({ path: "/api/uploads", body: file, contentType: typeOf(file), ...sent });
}

/** Where a ticket's file is read from. */
export function attachmentPath(id: string): string {
  return `/api/attachments/${encodeURIComponent(id)}`;
}

/** Why a file can't be attached to a ticket, or null. */
export function fileProblem({ size }: Pick<File, "size">): string | null {
  if (size === 0) return "The file is empty: there is nothing to keep.";
  if (size <= fileBytes) return null;
  return `Too large: ${formatBytes(size)}, and a file may have ${fileBytes / 1_000_000} MB. Make it smaller, or link to it.`;
}

/** Attaches a file to a ticket and returns it as the server keeps it. Throws as `postFile` does. */
export function attachFile(ticketId: string, file: File, sent: Sent): Promise<Attachment> {
  const name = file.name === "" ? "pasted file" : file.name;
  const path = `/api/tickets/${encodeURIComponent(ticketId)}/attachments?${new URLSearchParams({ name }).toString()}`;
  return postFile({ path, body: file, contentType: typeOf(file), ...sent });
}

function typeOf({ type }: File): string {
  return type === "" ? "application/octet-stream" : type;
}

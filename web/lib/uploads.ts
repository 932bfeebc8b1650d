import type { Attachment } from "../../contracts/ticket-parts.ts";
import type { Image } from "../../contracts/upload.ts";
import { failureOf, offline } from "./api.ts";
import { formatBytes } from "./format.ts";
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

/** What becomes of a file that is sent: `onProgress` gets the sent part, from 0 to 1; `signal` stops it. */
interface Sent {
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Sends a file as the body of a POST and returns the answer's JSON. Unlike `fetch` it tells how far it is. Throws {@link ApiError}; when
 * the signal fires, that of an aborted request.
 */
function sendFile(address: string, file: File, { onProgress, signal }: Sent): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("content-type", file.type === "" ? "application/octet-stream" : file.type);
    request.setRequestHeader("accept", "application/json");
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onerror = () => reject(offline());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    request.onload = () => {
      const answer = new Response(request.responseText, { status: request.status });
      void (answer.ok ? answer.json().then(resolve) : failureOf(answer).then(reject)).catch(reject);
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** Sends an image and returns it as the server keeps it. Throws as `sendFile` does. */
export async function uploadImage(file: File, sent: Sent): Promise<Image> {
  return (await sendFile("/api/uploads", file, sent)) as Image;
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

/** Attaches a file to a ticket and returns it as the server keeps it. Throws as `sendFile` does. */
export async function attachFile(ticketId: string, file: File, sent: Sent): Promise<Attachment> {
  const name = file.name === "" ? "pasted file" : file.name;
  const address = `/api/tickets/${encodeURIComponent(ticketId)}/attachments?${new URLSearchParams({ name }).toString()}`;
  return (await sendFile(address, file, sent)) as Attachment;
}

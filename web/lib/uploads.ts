import type { Image } from "../../contracts/upload.ts";
import { asApiError } from "./api.ts";
import { postFile } from "./post-file.ts";
import { imageBytes, imageTypes } from "./vocabulary.ts";

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

/**
 * Sends an image and returns it as the server keeps it. `onProgress` gets the sent part, from 0 to 1, which `fetch` does not report.
 * Throws {@link ApiError}; when `signal` fires, that of an aborted request.
 */
export function uploadImage(file: File, onProgress: (part: number) => void, signal: AbortSignal): Promise<Image> {
  return postFile({ path: "/api/uploads", body: file, contentType: file.type, onProgress, signal });
}

/** The sentence for an upload that failed, and whether the same file may be sent again. */
export function uploadFault(error: unknown): { readonly fault: string; readonly canRetry: boolean } {
  const { message, status } = asApiError(error);
  return { fault: message, canRetry: status === 0 || status === 429 || status >= 500 };
}

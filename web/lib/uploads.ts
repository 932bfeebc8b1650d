import type { Image } from "../../contracts/upload.ts";
import { asApiError, failureOf, offline } from "./api.ts";
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
  return new Promise<Image>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/uploads");
    request.setRequestHeader("content-type", file.type);
    request.setRequestHeader("accept", "application/json");
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onerror = () => reject(offline());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    request.onload = () => {
      const answer = new Response(request.responseText, { status: request.status });
      if (answer.ok) resolve(answer.json() as Promise<Image>);
      else void failureOf(answer).then(reject);
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** The sentence for an upload that failed, and whether the same file may be sent again. */
export function uploadFault(error: unknown): { readonly fault: string; readonly canRetry: boolean } {
  const { message, status } = asApiError(error);
  return { fault: message, canRetry: status === 0 || status === 429 || status >= 500 };
}

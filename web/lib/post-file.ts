import { failureOf, offline } from "./api.ts";

interface PostFile {
  readonly path: string;
  readonly body: Blob;
  readonly contentType: string;
  /** Gets the sent part, from 0 to 1, which `fetch` does not report. */
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal;
}

/** Sends a file and returns the answer's JSON. Throws {@link ApiError}; when `signal` fires, that of an aborted request. */
export function postFile<T>({ body, contentType, onProgress, path, signal }: PostFile): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("content-type", contentType);
    request.setRequestHeader("accept", "application/json");
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onerror = () => reject(offline());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    request.onload = () => {
      const answer = new Response(request.responseText, { status: request.status });
      const ended = answer.ok
        ? answer.json().then((value: unknown) => resolve(value as T))
        : failureOf(answer).then(reject);
      ended.catch(reject);
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

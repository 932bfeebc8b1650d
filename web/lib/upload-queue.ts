import { useSyncExternalStore } from "react";
import { asApiError } from "./api.ts";

/** A file on its way: `part` of it was sent, from 0 to 1, until the server has it or it has a `fault`. */
export interface Upload {
  readonly key: number;
  readonly file: File;
  readonly part: number;
  readonly fault: string | null;
  /** Whether sending it once more may help. */
  readonly canRetry: boolean;
}

interface UploadQueueOptions<Made> {
  /** Why a file can't be sent at all, or null. */
  readonly problem: (file: File) => string | null;
  readonly send: (
    file: File,
    sent: { readonly onProgress: (part: number) => void; readonly signal: AbortSignal },
  ) => Promise<Made>;
  /** Takes a file that the server has. */
  readonly onMade: (made: Made) => void;
  /** Hears of a file that could not be sent. */
  readonly onFault?: (file: File, fault: string) => void;
  /** The sentence for files that were left out since there was no room for them. */
  readonly leftOutWords: string;
}

/** Sends files as they are added, each on its own. */
export class UploadQueue<Made> {
  readonly #options: UploadQueueOptions<Made>;
  readonly #listeners = new Set<() => void>();
  readonly #running = new Map<number, AbortController>();
  #uploads: readonly Upload[] = [];
  #leftOut: string | null = null;
  #lastKey = 0;

  constructor(options: UploadQueueOptions<Made>) {
    this.#options = options;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly uploads = (): readonly Upload[] => this.#uploads;
  /** Files that were left out since there were too many, in words; null when none. */
  readonly leftOut = (): string | null => this.#leftOut;

  /** Sends as many of the files as there is room for. */
  add(files: readonly File[], room: number): void {
    const taken = files.slice(0, Math.max(0, room)).map((file): Upload => {
      this.#lastKey += 1;
      return { key: this.#lastKey, file, part: 0, fault: this.#options.problem(file), canRetry: false };
    });
    this.#leftOut = files.length > taken.length ? this.#options.leftOutWords : null;
    this.#set([...this.#uploads, ...taken]);
    for (const upload of taken) if (upload.fault === null) void this.#send(upload);
  }

  /** Leaves a file out, also one that is on its way. */
  remove(key: number): void {
    this.#running.get(key)?.abort();
    this.#running.delete(key);
    this.#leftOut = null;
    this.#set(this.#uploads.filter((upload) => upload.key !== key));
  }

  /** Sends a file again that could not be sent. */
  retry(upload: Upload): void {
    this.#update(upload.key, { part: 0, fault: null });
    void this.#send(upload);
  }

  /** Forgets the sentence about files that were left out. */
  settle(): void {
    this.#leftOut = null;
    this.#set(this.#uploads);
  }

  /** Ends everything that is on its way. */
  stop(): void {
    for (const request of this.#running.values()) request.abort();
  }

  async #send({ file, key }: Upload): Promise<void> {
    const request = new AbortController();
    this.#running.set(key, request);
    try {
      const onProgress = (part: number) => this.#update(key, { part });
      const made = await this.#options.send(file, { onProgress, signal: request.signal });
      this.#options.onMade(made);
      this.#set(this.#uploads.filter((upload) => upload.key !== key));
    } catch (error) {
      if (request.signal.aborted) return;
      const failed = uploadFault(error);
      this.#update(key, failed);
      this.#options.onFault?.(file, failed.fault);
    } finally {
      this.#running.delete(key);
    }
  }

  #update(key: number, fields: Partial<Upload>): void {
    this.#set(this.#uploads.map((upload) => (upload.key === key ? { ...upload, ...fields } : upload)));
  }

  #set(uploads: readonly Upload[]): void {
    this.#uploads = uploads;
    for (const listener of this.#listeners) listener();
  }
}

/** The sentence for an upload that failed, and whether the same file may be sent again. */
function uploadFault(error: unknown): { readonly fault: string; readonly canRetry: boolean } {
  const { message, status } = asApiError(error);
  return { fault: message, canRetry: status === 0 || status === 429 || status >= 500 };
}

/** The files of a queue that are on their way or could not be sent, and the sentence about those that were left out. */
export function useUploads<Made>(queue: UploadQueue<Made>) {
  return {
    uploads: useSyncExternalStore(queue.subscribe, queue.uploads),
    leftOut: useSyncExternalStore(queue.subscribe, queue.leftOut),
  };
}

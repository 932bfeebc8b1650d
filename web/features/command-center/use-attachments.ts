import { useEffect, useRef, useState } from "react";
import type { Image } from "../../../contracts/upload.ts";
import { useRefusal } from "../../lib/me.ts";
import { imageProblem, uploadFault, uploadImage } from "../../lib/uploads.ts";
import { imageLimit } from "../../lib/vocabulary.ts";
import type { ChangeDraft, Draft } from "./draft.ts";

/** A file on its way: `part` of it was sent, from 0 to 1, until it is either an image of the draft or has a `fault`. */
export interface Upload {
  readonly key: number;
  readonly file: File;
  readonly part: number;
  readonly fault: string | null;
  /** Whether sending it once more may help. */
  readonly canRetry: boolean;
}

/** The images of a draft and those on their way into it. */
export interface Attachments {
  readonly images: readonly Image[];
  readonly uploads: readonly Upload[];
  /** Files that were left out since there were too many, in words; null when none. */
  readonly leftOut: string | null;
  /** Why the run can't be started yet, or null. */
  readonly refusal: string | null;
  /** Why this person may attach nothing, or null. */
  readonly addRefusal: string | null;
  add(files: readonly File[]): void;
  removeImage(id: string): void;
  removeUpload(key: number): void;
  retry(upload: Upload): void;
}

/** Sends files as they are added, and puts each into the draft once the server has it. */
export function useAttachments(draft: Draft, change: ChangeDraft): Attachments {
  const addRefusal = useRefusal("upload.create");
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const [leftOut, setLeftOut] = useState<string | null>(null);
  const running = useRef(new Map<number, AbortController>());
  const keys = useRef(0);

  useEffect(() => {
    const requests = running.current;
    return () => {
      for (const request of requests.values()) request.abort();
    };
  }, []);

  const update = (key: number, fields: Partial<Upload>) =>
    setUploads((before) => before.map((upload) => (upload.key === key ? { ...upload, ...fields } : upload)));
  const removeUpload = (key: number) => {
    running.current.get(key)?.abort();
    running.current.delete(key);
    setUploads((before) => before.filter((upload) => upload.key !== key));
  };
  const send = async ({ file, key }: Upload) => {
    const request = new AbortController();
    running.current.set(key, request);
    try {
      const image = await uploadImage(file, (part) => update(key, { part }), request.signal);
      change(({ images }) => (images.some(({ id }) => id === image.id) ? {} : { images: [...images, image] }));
      removeUpload(key);
    } catch (error) {
      if (!request.signal.aborted) update(key, uploadFault(error));
    } finally {
      running.current.delete(key);
    }
  };

  return {
    images: draft.images,
    uploads,
    leftOut,
    refusal: uploads.some(({ fault }) => fault === null)
      ? "An image is still on its way."
      : uploads.length > 0
        ? "An image could not be attached: remove it, or try it again."
        : null,
    addRefusal,
    add(files) {
      if (addRefusal !== null) return;
      const room = Math.max(0, imageLimit - draft.images.length - uploads.length);
      const taken = files.slice(0, room).map((file): Upload => {
        keys.current += 1;
        return { key: keys.current, file, part: 0, fault: imageProblem(file), canRetry: false };
      });
      setLeftOut(files.length > room ? `At most ${imageLimit} images go with a prompt; the rest was left out.` : null);
      setUploads((before) => [...before, ...taken]);
      for (const upload of taken) if (upload.fault === null) void send(upload);
    },
    removeImage(id) {
      setLeftOut(null);
      change(({ images }) => ({ images: images.filter((image) => image.id !== id) }));
    },
    removeUpload(key) {
      setLeftOut(null);
      removeUpload(key);
    },
    retry(upload) {
      const again = { ...upload, part: 0, fault: null };
      update(upload.key, again);
      void send(again);
    },
  };
}

/** The files of a paste or a drop, when files are what was meant: text that comes with a picture of itself is text. */
export function filesOf(data: DataTransfer | null): readonly File[] {
  return data === null || data.types.includes("text/plain") ? [] : [...data.files];
}

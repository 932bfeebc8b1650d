import { useEffect, useState } from "react";
import type { Image } from "../../../contracts/upload.ts";
import { useRefusal } from "../../lib/me.ts";
import { UploadQueue, useUploads, type Upload } from "../../lib/upload-queue.ts";
import { imageProblem, uploadImage } from "../../lib/uploads.ts";
import { imageLimit } from "../../lib/vocabulary.ts";
import type { ChangeDraft, Draft } from "./draft.ts";

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

function queueInto(change: ChangeDraft): UploadQueue<Image> {
  return new UploadQueue({
    problem: imageProblem,
    send: uploadImage,
    onMade: (image) =>
      change(({ images }) => (images.some(({ id }) => id === image.id) ? {} : { images: [...images, image] })),
    leftOutWords: `At most ${imageLimit} images go with a prompt; the rest was left out.`,
  });
}

/** Sends files as they are added, and puts each into the draft once the server has it. */
export function useAttachments(draft: Draft, change: ChangeDraft): Attachments {
  const addRefusal = useRefusal("upload.create");
  // A draft of another name is another component: `change` stays the same here.
  const [queue] = useState(() => queueInto(change));
  const { leftOut, uploads } = useUploads(queue);
  useEffect(() => () => queue.stop(), [queue]);
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
      if (addRefusal === null) queue.add(files, imageLimit - draft.images.length - uploads.length);
    },
    removeImage(id) {
      queue.settle();
      change(({ images }) => ({ images: images.filter((image) => image.id !== id) }));
    },
    removeUpload: (key) => queue.remove(key),
    retry: (upload) => queue.retry(upload),
  };
}

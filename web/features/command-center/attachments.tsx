import { CircleAlert, ImagePlus, RotateCcw, X } from "lucide-react";
import { FileButton, UploadProgress } from "../../components/file-drop.tsx";
import { Picture } from "../../components/image-strip.tsx";
import { Button } from "../../components/ui/button.tsx";
import { cx } from "../../components/ui/cx.ts";
import type { Upload } from "../../lib/upload-queue.ts";
import { imageTypes } from "../../lib/vocabulary.ts";
import type { Attachments } from "./use-attachments.ts";

const tile = "relative size-16 overflow-hidden rounded-lg border bg-panel";
const remove =
  "absolute top-0.5 right-0.5 inline-flex size-5 items-center justify-center rounded-full border border-line bg-raised text-soft hover:bg-hover hover:text-text";

/** The images that will go with the prompt, each with a way to take it out; those on their way with how far they are. */
export function AttachmentList({ attachments, error }: { attachments: Attachments; error: string | null }) {
  const { images, leftOut, uploads } = attachments;
  const faults = uploads.flatMap((upload) =>
    upload.fault === null ? [] : [{ key: upload.key, text: `${upload.file.name || "Pasted image"}: ${upload.fault}` }],
  );
  const notes = [
    ...faults.map(({ text }) => text),
    ...(leftOut === null ? [] : [leftOut]),
    ...(error === null ? [] : [error]),
  ];
  if (images.length === 0 && uploads.length === 0 && notes.length === 0) return null;
  return (
    <div className="px-4 pt-1 pb-1.5">
      <ul aria-label="Attached images" className="flex flex-wrap gap-2">
        {images.map((image, index) => (
          <li key={image.id} className={cx(tile, "border-line")}>
            <Picture image={image} label={`Attached image ${index + 1}`} className="size-full object-cover" />
            <button
              type="button"
              className={remove}
              aria-label={`Remove image ${index + 1}`}
              title="Remove"
              onClick={() => attachments.removeImage(image.id)}
            >
              <X className="size-3" aria-hidden />
            </button>
          </li>
        ))}
        {uploads.map((upload) => (
          <UploadTile key={upload.key} upload={upload} attachments={attachments} />
        ))}
      </ul>
      {notes.length > 0 && (
        <div role="alert" className="pt-1.5 text-xs text-red">
          {notes.map((note, index) => (
            <p key={index}>{note}</p>
          ))}
        </div>
      )}
    </div>
  );
}

function UploadTile({ upload, attachments }: { upload: Upload; attachments: Attachments }) {
  const name = upload.file.name === "" ? "pasted image" : upload.file.name;
  return (
    <li
      className={cx(
        tile,
        "flex items-center justify-center",
        upload.fault === null ? "border-line" : "border-red-line bg-red-soft",
      )}
      title={name}
    >
      {upload.fault === null ? (
        <UploadProgress name={name} part={upload.part} className="w-11" />
      ) : upload.canRetry ? (
        <button
          type="button"
          aria-label={`Try ${name} again`}
          title="Try again"
          onClick={() => attachments.retry(upload)}
          className="inline-flex size-8 items-center justify-center rounded-lg text-red hover:bg-hover"
        >
          <RotateCcw className="size-4" aria-hidden />
        </button>
      ) : (
        <CircleAlert className="size-5 text-red" aria-hidden />
      )}
      <button
        type="button"
        className={remove}
        aria-label={`Remove ${name}`}
        title="Remove"
        onClick={() => attachments.removeUpload(upload.key)}
      >
        <X className="size-3" aria-hidden />
      </button>
    </li>
  );
}

/** A button that asks for image files; with a refusal it is disabled and shows the reason. */
export function AttachButton({
  onFiles,
  refusal,
}: {
  onFiles: (files: readonly File[]) => void;
  refusal: string | null;
}) {
  return (
    <FileButton label="Image files" accept={imageTypes} onFiles={onFiles}>
      {(ask) => (
        <Button
          look="ghost"
          size="icon"
          aria-label="Attach images"
          disabled={refusal !== null}
          title={refusal ?? "Attach images: choose, paste or drop them"}
          onClick={ask}
        >
          <ImagePlus className="size-4.5" aria-hidden />
        </Button>
      )}
    </FileButton>
  );
}

import {
  CircleAlert,
  Download,
  File as FileIcon,
  FileArchive,
  FileAudio,
  FileCode,
  FileImage,
  FileSpreadsheet,
  FileText,
  FileVideo,
  RotateCcw,
  Trash2,
  X,
  type LucideIcon,
} from "lucide-react";
import { useState } from "react";
import type { Attachment } from "../../../../../contracts/ticket-parts.ts";
import { UploadProgress } from "../../../../components/file-drop.tsx";
import { Button, buttonClass } from "../../../../components/ui/button.tsx";
import { cx } from "../../../../components/ui/cx.ts";
import { Failure } from "../../../../components/ui/notices.tsx";
import { TimeAgo } from "../../../../components/ui/time.tsx";
import { formatBytes } from "../../../../lib/format.ts";
import type { Upload, UploadQueue } from "../../../../lib/upload-queue.ts";
import { attachmentPath } from "../../../../lib/uploads.ts";
import { useBoardParts } from "../../parts.ts";
import { DeletedPart } from "./deleted-part.tsx";
import type { Removed } from "./removals.ts";

/** Icons by the beginning of a file's type, the first that fits. */
const icons: readonly (readonly [RegExp, LucideIcon])[] = [
  [/^image\//u, FileImage],
  [/^audio\//u, FileAudio],
  [/^video\//u, FileVideo],
  [/^(?:text\/csv|application\/vnd\.(?:ms-excel|openxmlformats-officedocument\.spreadsheetml))/u, FileSpreadsheet],
  [/^application\/(?:zip|gzip|x-tar|x-7z|x-bzip|zstd|java-archive)/u, FileArchive],
  [/^(?:application\/(?:json|xml|yaml|javascript)|text\/(?:html|css|javascript|xml|x-))/u, FileCode],
  [/^(?:text\/|application\/(?:pdf|msword|rtf|vnd\.openxmlformats-officedocument\.wordprocessingml))/u, FileText],
];

const row =
  "grid min-h-11 grid-cols-[2.25rem_minmax(0,1fr)_auto] items-center gap-x-2.5 rounded-lg border border-line bg-card px-1.5 py-1";

interface FileRowProps {
  readonly file: Attachment;
  readonly removed: Removed<Attachment> | undefined;
  readonly mayDelete: boolean;
}

/** A file of a ticket: it is saved by a press on its name. Where it was deleted, the way to bring it back. */
export function FileRow({ file, mayDelete, removed }: FileRowProps) {
  const { talk } = useBoardParts();
  const { removals } = talk.files;
  const placeId = `file-${file.id}`;
  if (removed?.step === "deleted" || removed?.step === "restoring")
    return (
      <DeletedPart removed={removed} removals={removals} placeId={placeId} className="">
        {file.name} was deleted.
      </DeletedPart>
    );
  return (
    <li id={placeId} tabIndex={-1} className={cx("rounded-lg", removed?.step === "deleting" && "opacity-60")}>
      <div className={row}>
        <FilePicture file={file} />
        <div className="min-w-0">
          <a
            href={attachmentPath(file.id)}
            download={file.name}
            title={file.name}
            className="block truncate font-medium text-text hover:underline"
          >
            {file.name}
          </a>
          <p className="truncate text-xs text-muted">
            {formatBytes(file.sizeBytes)}
            {file.createdBy !== null && ` · ${file.createdBy.name}`} · <TimeAgo atMs={file.createdAtMs} />
          </p>
        </div>
        <div className="flex">
          <a
            href={attachmentPath(file.id)}
            download={file.name}
            aria-label={`Download ${file.name}`}
            title="Download"
            className={buttonClass("ghost", "icon", "size-7")}
          >
            <Download className="size-3.5" aria-hidden />
          </a>
          {mayDelete && (
            <Button
              look="ghost"
              size="icon"
              className="size-7"
              aria-label={`Delete ${file.name}`}
              title="Delete"
              disabled={removed?.step === "deleting"}
              onClick={() => void removals.remove(file)}
            >
              <Trash2 className="size-3.5" aria-hidden />
            </Button>
          )}
        </div>
      </div>
      {removed?.step === "kept" && removed.error !== null && (
        <Failure
          error={removed.error}
          kept="The file is still there."
          onRetry={() => void removals.remove(file)}
          className="mt-1"
        />
      )}
    </li>
  );
}

/** A small picture of an image, else the icon of the file's type. */
function FilePicture({ file }: { file: Attachment }) {
  const [isGone, setGone] = useState(false);
  const Icon = icons.find(([type]) => type.test(file.mediaType))?.[1] ?? FileIcon;
  return (
    <span className="flex size-9 items-center justify-center overflow-hidden rounded-md bg-panel text-muted">
      {file.isImage && !isGone ? (
        <img
          src={attachmentPath(file.id)}
          alt=""
          loading="lazy"
          onError={() => setGone(true)}
          className="size-full object-cover"
        />
      ) : (
        <Icon className="size-4.5" aria-hidden />
      )}
    </span>
  );
}

/** A file on its way to the ticket, or why it could not be attached. */
export function UploadRow({ queue, upload }: { upload: Upload; queue: UploadQueue<Attachment> }) {
  const { fault, file, part } = upload;
  const name = file.name === "" ? "pasted file" : file.name;
  return (
    <li>
      <div className={cx(row, fault !== null && "border-red-line bg-red-soft")}>
        <span className="flex size-9 items-center justify-center text-muted">
          {fault === null ? (
            <FileIcon className="size-4.5" aria-hidden />
          ) : (
            <CircleAlert className="size-4.5 text-red" aria-hidden />
          )}
        </span>
        <div className="min-w-0">
          <p className="truncate font-medium">{name}</p>
          {fault === null ? (
            <div className="flex h-4.5 items-center gap-2 text-xs text-muted">
              <UploadProgress name={name} part={part} className="w-24" />
              {formatBytes(file.size)}
            </div>
          ) : (
            <p role="alert" className="text-xs text-red">
              {fault}
            </p>
          )}
        </div>
        <div className="flex">
          {upload.canRetry && fault !== null && (
            <Button
              look="ghost"
              size="icon"
              className="size-7"
              aria-label={`Try ${name} again`}
              title="Try again"
              onClick={() => queue.retry(upload)}
            >
              <RotateCcw className="size-3.5" aria-hidden />
            </Button>
          )}
          <Button
            look="ghost"
            size="icon"
            className="size-7"
            aria-label={fault === null ? `Stop ${name}` : `Leave out ${name}`}
            title={fault === null ? "Stop" : "Leave out"}
            onClick={() => queue.remove(upload.key)}
          >
            <X className="size-3.5" aria-hidden />
          </Button>
        </div>
      </div>
    </li>
  );
}

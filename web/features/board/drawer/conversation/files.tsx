import { useQuery } from "@tanstack/react-query";
import { Paperclip } from "lucide-react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { DropHint, FileButton, usePageFiles } from "../../../../components/file-drop.tsx";
import { Button } from "../../../../components/ui/button.tsx";
import { Failure } from "../../../../components/ui/notices.tsx";
import { Skeleton } from "../../../../components/ui/skeleton.tsx";
import { useBoardRefusal } from "../../refusal.ts";
import { attachmentsQuery } from "../../../../lib/ticket-queries.ts";
import { useUploads } from "../../../../lib/upload-queue.ts";
import { fileLimit } from "../../../../lib/vocabulary.ts";
import { useBoardParts } from "../../parts.ts";
import { FileRow, UploadRow } from "./file-rows.tsx";
import { useRemoved, withRemoved } from "./removals.ts";
import { usePartsSeq, useRefetchAt } from "./use-live-parts.ts";

/** A ticket's files, and how others get there: by a button, a drop anywhere on the page, or a paste. */
export function Files({ ticket }: { ticket: Ticket }) {
  const { talk } = useBoardParts();
  const { removals } = talk.files;
  const options = attachmentsQuery(ticket.id);
  const query = useQuery({ ...options, refetchOnMount: "always" });
  useRefetchAt(options.queryKey, usePartsSeq(ticket.id));
  const removed = useRemoved(removals, ticket.id);
  const queue = talk.files.queueOf(ticket);
  const { leftOut, uploads } = useUploads(queue);
  const refusal = useBoardRefusal("upload.create");
  const there = (query.data ?? []).filter(({ id }) => !isGone(removed.get(id)?.step));
  const add = (files: readonly File[]) => queue.add(files, fileLimit - there.length - uploads.length);
  const isOver = usePageFiles(refusal === null ? add : null);
  const files = withRemoved(query.data ?? [], removed);
  return (
    <section aria-label="Files" className="mt-6">
      <div className="flex h-7 items-center gap-2">
        <h2 className="flex items-baseline gap-2 text-xs font-medium text-muted">
          Files {there.length > 0 && <span className="tabular">{there.length}</span>}
        </h2>
        {refusal === null && (
          <FileButton label="Files to attach" onFiles={add}>
            {(ask) => (
              <Button look="ghost" size="sm" onClick={ask} title="Attach files: choose, paste or drop them">
                <Paperclip className="size-3" aria-hidden /> Attach
              </Button>
            )}
          </FileButton>
        )}
      </div>
      {refusal !== null && <p className="text-xs text-muted">Attaching files: {refusal}</p>}
      {query.isError && <Failure error={query.error} onRetry={() => void query.refetch()} className="mt-2" />}
      {query.isPending ? (
        <Skeleton className="mt-1 h-5 w-40" />
      ) : (
        files.length === 0 &&
        uploads.length === 0 &&
        !query.isError && <p className="text-muted">None. Screenshots and logs help whoever works on it.</p>
      )}
      {(files.length > 0 || uploads.length > 0) && (
        <ul aria-label="Files" className="mt-1 flex flex-col gap-1">
          {files.map((file) => (
            <FileRow key={file.id} file={file} removed={removed.get(file.id)} mayDelete={refusal === null} />
          ))}
          {uploads.map((upload) => (
            <UploadRow key={upload.key} upload={upload} queue={queue} />
          ))}
        </ul>
      )}
      {leftOut !== null && (
        <p role="alert" className="mt-1.5 text-xs text-red">
          {leftOut}
        </p>
      )}
      {isOver && (
        <DropHint className="fixed inset-y-1 right-1 w-[min(33.5rem,calc(100vw-0.5rem))]">
          Drop files to attach them to {ticket.key}
        </DropHint>
      )}
    </section>
  );
}

const isGone = (step: string | undefined): boolean => step === "deleted" || step === "restoring";

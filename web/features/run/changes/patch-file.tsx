import { isExecutableMode, isSymlinkMode } from "../../../../contracts/file-mode.ts";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import type { Encoding, PatchContent, PatchSummary } from "../../../../contracts/patch-set.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { formatBytes } from "../../../lib/format.ts";
import { patchContentQuery } from "../../../lib/queries.ts";
import { DiffSkeleton, FileCard, FileNote, FileWarning, HiddenWarning } from "./file-card.tsx";
import { revealHidden } from "../../../lib/hidden-text.ts";

const DiffView = lazy(async () => ({ default: (await import("./diff-view.tsx")).DiffView }));

interface PatchFileProps {
  readonly runId: string;
  readonly hash: string;
  readonly patch: PatchSummary;
  readonly split: boolean;
  readonly wrap: boolean;
}

const statusTones = { added: "green", modified: "plain", deleted: "red" } as const;

/** One path of a patch set, with its diff of the bytes that the hash covers. */
export function PatchFile(props: PatchFileProps) {
  const { patch } = props;
  return (
    <FileCard
      path={patch.path}
      additions={patch.additions}
      deletions={patch.deletions}
      tags={<Marks patch={patch} />}
      noDiff={patch.isBinary ? binaryNote(patch) : null}
    >
      <Content {...props} />
    </FileCard>
  );
}

function Marks({ patch }: { patch: PatchSummary }) {
  const { afterMode, beforeMode, isBinary, status } = patch;
  return (
    <>
      {status !== "modified" && <Tag tone={statusTones[status]}>{status}</Tag>}
      {isLink(patch) && <Tag tone="amber">symbolic link</Tag>}
      {isBinary && <Tag tone="amber">binary</Tag>}
      {beforeMode !== null && afterMode !== null && beforeMode !== afterMode && (
        <Tag tone="amber">
          mode {beforeMode} → {afterMode}
        </Tag>
      )}
      {beforeMode === null && isExecutableMode(afterMode) && <Tag tone="amber">executable</Tag>}
    </>
  );
}

function isLink({ afterMode, beforeMode }: PatchSummary): boolean {
  return isSymlinkMode(afterMode) || isSymlinkMode(beforeMode);
}

function binaryNote(patch: PatchSummary): string {
  return `Binary or too large to show, ${formatBytes(patch.sizeBytes)} after the change. Its content isn’t shown; the hash covers it.`;
}

const encodingNotes: Readonly<Record<Exclude<Encoding, "utf-8">, string>> = {
  "utf-16le": "The file is in UTF-16 and shown decoded. Programs that expect UTF-8 read it otherwise.",
  "utf-16be": "The file is in UTF-16 and shown decoded. Programs that expect UTF-8 read it otherwise.",
  mixed: "The file has bytes that are not UTF-8, or NULs. Such bytes are shown as Latin-1, NULs as ⟦U+0000⟧.",
  binary: "The content can’t be shown as text.",
};

function Content({ runId, hash, patch, split, wrap }: PatchFileProps) {
  const content = useQuery(patchContentQuery(runId, hash, patch.path));
  const shown = useMemo(() => (content.data === undefined ? null : readable(content.data)), [content.data]);
  const loading = <DiffSkeleton path={patch.path} changedLines={patch.additions + patch.deletions} />;
  if (content.isError) return <Failure error={content.error} onRetry={() => void content.refetch()} className="m-3" />;
  if (shown === null || content.data === undefined) return loading;
  if (content.data.isBinary) return <FileNote>{binaryNote(patch)}</FileNote>;
  return (
    <>
      <HiddenWarning count={shown.hidden} />
      {content.data.afterEncoding !== null && content.data.afterEncoding !== "utf-8" && (
        <FileWarning>{encodingNotes[content.data.afterEncoding]}</FileWarning>
      )}
      {content.data.truncated && (
        <FileWarning>The file is too large to be shown in full: only its beginning follows.</FileWarning>
      )}
      {isLink(patch) ? (
        <FileNote>
          Points to <code className="font-mono">{shown.after ?? "nothing"}</code>
          {shown.before !== null && (
            <>
              , before to <code className="font-mono">{shown.before}</code>
            </>
          )}
        </FileNote>
      ) : shown.before === shown.after ? (
        <FileNote>The content is the same; only the mode changes.</FileNote>
      ) : (shown.before ?? "") === "" && (shown.after ?? "") === "" ? (
        <FileNote>The file is empty.</FileNote>
      ) : (
        <Suspense fallback={loading}>
          <DiffView path={patch.path} before={shown.before} after={shown.after} split={split} wrap={wrap} />
        </Suspense>
      )}
    </>
  );
}

function readable(content: PatchContent): { before: string | null; after: string | null; hidden: number } {
  const before = content.before === null ? null : revealHidden(content.before);
  const after = content.after === null ? null : revealHidden(content.after);
  return { before: before?.text ?? null, after: after?.text ?? null, hidden: after?.count ?? 0 };
}

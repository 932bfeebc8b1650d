import { Columns2, FileDiff, FolderTree, Rows2, WrapText } from "lucide-react";
import { lazy, memo, Suspense, useRef, useState, type ReactNode } from "react";
import type { PatchSet } from "../../../../contracts/patch-set.ts";
import { cx } from "../../../components/ui/cx.ts";
import { Empty } from "../../../components/ui/notices.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { plural } from "../../../lib/format.ts";
import { PatchFile } from "./patch-file.tsx";

const DiffScroller = lazy(async () => ({ default: (await import("./diff-scroller.tsx")).DiffScroller }));
const PatchTree = lazy(async () => ({ default: (await import("./file-tree.tsx")).PatchTree }));

interface ChangesProps {
  readonly runId: string;
  readonly patchSets: readonly PatchSet[];
  readonly finished: boolean;
}

interface View {
  readonly split: boolean;
  readonly wrap: boolean;
  readonly tree: boolean;
}

function storedView(): View {
  const wide = window.innerWidth >= 1600;
  try {
    const stored = localStorage.getItem("diff-view") ?? "";
    return {
      split: stored === "" ? wide : stored.includes("split"),
      wrap: stored.includes("wrap"),
      tree: stored === "" ? window.innerWidth >= 1280 : stored.includes("tree"),
    };
  } catch {
    return { split: wide, wrap: false, tree: wide };
  }
}

/** The proposed change: a version of the patch set, its files as a tree, their diffs one under the other. */
export const Changes = memo(function Changes({ runId, patchSets, finished }: ChangesProps) {
  const newest = patchSets.at(-1);
  const [picked, setPicked] = useState<string | null>(null);
  const [view, setView] = useState(storedView);
  const files = useRef<HTMLDivElement>(null);
  if (newest === undefined) {
    return (
      <Empty icon={<FileDiff aria-hidden />} title={finished ? "No changes" : "No changes yet"}>
        {finished
          ? "The run ended before a patch set was proposed."
          : "The diff shows here when the agent proposes its patch set. Nothing is written before you approve it."}
      </Empty>
    );
  }
  const shown = patchSets.find((each) => each.hash === picked) ?? newest;
  const change = (fields: Partial<View>) => {
    const next = { ...view, ...fields };
    setView(next);
    try {
      localStorage.setItem(
        "diff-view",
        `${next.split ? "split" : "unified"} ${next.wrap ? "wrap" : ""} ${next.tree ? "tree" : ""}`,
      );
    } catch {
      // Storage may be blocked: the view then lasts as long as the page.
    }
  };
  const goTo = (path: string) =>
    files.current?.querySelector(`[data-path="${CSS.escape(path)}"]`)?.scrollIntoView({ block: "start" });
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-10 shrink-0 items-center gap-1 border-b border-line px-3">
        {patchSets.length > 1 ? (
          <select
            aria-label="Version of the patch set"
            value={shown.hash}
            onChange={(event) => setPicked(event.target.value)}
            className="h-7 rounded-md border border-line bg-card px-1.5 text-xs"
          >
            {patchSets.toReversed().map((each) => (
              <option key={each.hash} value={each.hash}>
                Version {each.version}
                {each.superseded ? " (replaced)" : ""}
              </option>
            ))}
          </select>
        ) : null}
        <span className="tabular min-w-0 truncate text-xs text-muted">{plural(shown.patches.length, "file")}</span>
        <span className="ml-auto flex items-center">
          <Toggle on={view.tree} label="File tree" onClick={() => change({ tree: !view.tree })}>
            <FolderTree aria-hidden />
          </Toggle>
          <Toggle on={view.wrap} label="Wrap long lines" onClick={() => change({ wrap: !view.wrap })}>
            <WrapText aria-hidden />
          </Toggle>
          <Toggle
            on={view.split}
            label={view.split ? "Split view; switch to unified" : "Unified view; switch to split"}
            onClick={() => change({ split: !view.split })}
          >
            {view.split ? <Columns2 aria-hidden /> : <Rows2 aria-hidden />}
          </Toggle>
        </span>
      </div>
      <div className="flex min-h-0 flex-1">
        {view.tree && shown.patches.length > 0 && (
          <div className="hidden w-56 shrink-0 border-r border-line pt-1.5 sm:block">
            <Suspense fallback={<Skeleton className="m-3 h-24" />}>
              <PatchTree key={shown.hash} patches={shown.patches} onPick={goTo} />
            </Suspense>
          </div>
        )}
        <div ref={files} className="min-w-0 flex-1">
          <Suspense fallback={<Skeleton className="m-3 h-40" />}>
            <DiffScroller key={shown.hash}>
              {shown.patches.map((patch) => (
                <PatchFile
                  key={patch.path}
                  runId={runId}
                  hash={shown.hash}
                  patch={patch}
                  split={view.split}
                  wrap={view.wrap}
                />
              ))}
            </DiffScroller>
          </Suspense>
        </div>
      </div>
    </div>
  );
});

function Toggle({
  on,
  label,
  onClick,
  children,
}: {
  on: boolean;
  label: string;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-pressed={on}
      aria-label={label}
      title={label}
      onClick={onClick}
      className={cx(
        "inline-flex size-7 items-center justify-center rounded-md hover:bg-hover [&>svg]:size-4",
        on ? "text-text" : "text-muted",
      )}
    >
      {children}
    </button>
  );
}

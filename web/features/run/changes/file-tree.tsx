import { FileTree, useFileTree } from "@pierre/trees/react";
import { useEffect, useRef } from "react";
import type { PatchSummary } from "../../../../contracts/patch-set.ts";

interface PatchTreeProps {
  readonly patches: readonly PatchSummary[];
  readonly onPick: (path: string) => void;
}

/** The changed files as a tree with their status; a chunk of its own. Remount it for another patch set. */
export function PatchTree({ patches, onPick }: PatchTreeProps) {
  const pick = useRef(onPick);
  useEffect(() => {
    pick.current = onPick;
  });
  const known = useRef(new Set(patches.map((patch) => patch.path)));
  const { model } = useFileTree({
    paths: patches.map((patch) => patch.path),
    initialExpansion: "open",
    flattenEmptyDirectories: true,
    density: "compact",
    gitStatus: patches.map(({ path, status }) => ({ path, status })),
    onSelectionChange: (paths: readonly string[]) => {
      const path = paths.at(-1);
      if (path !== undefined && known.current.has(path)) pick.current(path);
    },
  });
  return <FileTree model={model} aria-label="Changed files" className="patch-tree h-full" />;
}

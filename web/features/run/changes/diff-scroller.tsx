import { Virtualizer } from "@pierre/diffs/react";
import type { ReactNode } from "react";

/** The scrolling place of all files' diffs: only lines near the screen are in the page. */
export function DiffScroller({ children }: { children: ReactNode }) {
  return (
    <Virtualizer className="h-full overflow-y-auto [overflow-anchor:none]" contentClassName="flex flex-col gap-3 p-3">
      {children}
    </Virtualizer>
  );
}

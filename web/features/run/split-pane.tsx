import { useCallback, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

const least = 28;
const most = 72;

function storedShare(): number {
  try {
    const share = Number(localStorage.getItem("split") ?? "46");
    return Number.isFinite(share) ? Math.min(most, Math.max(least, share)) : 46;
  } catch {
    return 46;
  }
}

/** Two panes with a line between them that can be dragged, or moved with the arrow keys. */
export function SplitPane({ left, right }: { left: ReactNode; right: ReactNode }) {
  const [share, setShare] = useState(storedShare);
  const box = useRef<HTMLDivElement>(null);
  const move = useCallback((next: number) => {
    const kept = Math.min(most, Math.max(least, next));
    setShare(kept);
    try {
      localStorage.setItem("split", kept.toFixed(1));
    } catch {
      // Storage may be blocked: the line then stays as long as the page.
    }
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowLeft: share - 2, ArrowRight: share + 2, Home: least, End: most };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    move(next);
  };
  return (
    <div ref={box} className="flex min-h-0 flex-1">
      <div className="min-w-0 shrink-0" style={{ width: `${share}%` }}>
        {left}
      </div>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the transcript"
        aria-valuemin={least}
        aria-valuemax={most}
        aria-valuenow={Math.round(share)}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          const frame = box.current?.getBoundingClientRect();
          if (event.buttons === 1 && frame !== undefined) move(((event.clientX - frame.left) / frame.width) * 100);
        }}
        className="relative z-10 -mx-1 w-2 shrink-0 cursor-col-resize touch-none before:absolute before:inset-y-0 before:left-1/2 before:w-px before:bg-line hover:before:w-0.5 hover:before:bg-line-strong"
      />
      <div className="min-w-0 flex-1">{right}</div>
    </div>
  );
}

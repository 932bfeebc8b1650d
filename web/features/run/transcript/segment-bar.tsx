import { useMemo, useRef, type KeyboardEvent } from "react";
import { segmentsOf, type RowKind } from "../model/kinds.ts";
import type { Row } from "../model/rows.ts";

const colors: Record<RowKind, string> = {
  prompt: "var(--kind-prompt)",
  text: "var(--kind-text)",
  tool: "var(--kind-tool)",
  edit: "var(--kind-edit)",
  test: "var(--kind-test)",
  decision: "var(--kind-decision)",
  error: "var(--kind-error)",
};

const words: Record<RowKind, string> = {
  prompt: "Request",
  text: "Talk",
  tool: "Tools",
  edit: "Edits",
  test: "Tests",
  decision: "Decisions",
  error: "Errors",
};
const mostSegments = 220;

interface SegmentBarProps {
  readonly rows: readonly Row[];
  /** Indexes of the first and last row on the screen. */
  readonly shown: readonly [number, number];
  readonly onSeek: (index: number) => void;
}

/** The whole run as one bar, coloured by kind: click or arrow keys go to that place. One element, however long the run is. */
export function SegmentBar({ rows, shown, onSeek }: SegmentBarProps) {
  const bar = useRef<HTMLDivElement>(null);
  const background = useMemo(() => {
    const total = Math.max(1, rows.length);
    const stops = segmentsOf(rows, mostSegments).map(({ kind, from, to }) => {
      const start = ((from / total) * 100).toFixed(2);
      const end = ((to / total) * 100).toFixed(2);
      return `${colors[kind]} calc(${start}% + 0.5px) calc(${end}% - 0.5px), transparent calc(${end}% - 0.5px) calc(${end}% + 0.5px)`;
    });
    return stops.length === 0 ? "none" : `linear-gradient(to right, ${stops.join(", ")})`;
  }, [rows]);
  const last = Math.max(0, rows.length - 1);
  const [from, to] = shown;
  const seekAt = (clientX: number) => {
    const box = bar.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    onSeek(Math.min(last, Math.max(0, Math.floor(((clientX - box.left) / box.width) * rows.length))));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowRight: to + 1, ArrowLeft: from - 1, Home: 0, End: last };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onSeek(Math.min(last, Math.max(0, next)));
  };
  return (
    <div
      ref={bar}
      role="slider"
      tabIndex={0}
      aria-label="Place in the run"
      aria-valuemin={1}
      aria-valuemax={last + 1}
      aria-valuenow={Math.min(last, from) + 1}
      aria-valuetext={`Step ${Math.min(last, from) + 1} of ${last + 1}`}
      title={Object.values(words).join(" · ")}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seekAt(event.clientX);
      }}
      onPointerMove={(event) => event.buttons === 1 && seekAt(event.clientX)}
      className="relative h-5 cursor-pointer touch-none rounded-md"
    >
      <div className="absolute inset-x-0 top-1.5 h-2 overflow-hidden rounded-full bg-hover">
        <div className="h-full" style={{ background }} />
      </div>
      {rows.length > 0 && (
        <div
          aria-hidden
          className="absolute inset-y-0 rounded-md border-2 border-text/60"
          style={{
            left: `${(from / rows.length) * 100}%`,
            width: `max(6px, ${((to - from + 1) / rows.length) * 100}%)`,
          }}
        />
      )}
    </div>
  );
}

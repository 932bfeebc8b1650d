import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "../../../components/ui/button.tsx";
import { Skeleton } from "../../../components/ui/skeleton.tsx";
import { isFinal } from "../../../lib/vocabulary.ts";
import { laneNameOf, laneNames, type LaneNames } from "../model/lane-names.ts";
import type { Row } from "../model/rows.ts";
import type { LiveTurn } from "../reduce.ts";
import { useRunPage, type RunStore } from "../store.ts";
import { isOfLanes, Lanes } from "./lane-rows.tsx";
import { LineLane } from "./line.tsx";
import { Noted } from "./noted.tsx";
import { StageLine, TurnBlock } from "./rows.tsx";
import { SegmentBar } from "./segment-bar.tsx";
import { isOfPulls, Pulls } from "./pull-rows.tsx";
import { isSteering, Message, Steering } from "./steering-rows.tsx";
import { ToolBlock } from "./tool-block.tsx";

/** Closer to the end than this (px) means following live. */
const endThreshold = 60;

function estimate(row: Row | undefined): number {
  if (row === undefined || row.kind === "tool") return 36;
  if (row.kind === "stage") return 48;
  if (row.kind === "turn") return row.text === "" ? 40 : Math.min(600, 60 + row.text.length / 3);
  if (row.kind === "message") return 72;
  return row.event.type === "run.created" ? 120 : 32;
}

/** The run as it happened and happens: a virtual list that stays at the end while more comes, unless the reader has scrolled away. */
export function Transcript({ store }: { store: RunStore }) {
  const rows = useRunPage(store, (page) => page.rows);
  const caughtUp = useRunPage(store, (page) => page.caughtUp);
  const liveTurn = useRunPage(store, (page) => page.liveTurn);
  const liveOutput = useRunPage(store, (page) => page.liveOutput);
  const created = useRunPage(store, (page) => page.view.created);
  const names = useMemo(() => laneNames(created), [created]);
  const ended = useRunPage(store, (page) => isFinal(page.view.state));
  const scroller = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const [atEnd, setAtEnd] = useState(true);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: (index) => rows[index]?.seq ?? index,
    overscan: 6,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: endThreshold,
    paddingEnd: 24,
  });

  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);
  // A first look begins at the end, also when the rows arrive after the page.
  const hasRows = rows.length > 0;
  useEffect(() => {
    if (!hasRows) return;
    const frame = requestAnimationFrame(() => requestAnimationFrame(toEnd));
    return () => cancelAnimationFrame(frame);
  }, [hasRows, toEnd]);

  const toggle = useCallback((seq: number) => {
    setOpened((before) => {
      const next = new Set(before);
      if (!next.delete(seq)) next.add(seq);
      return next;
    });
  }, []);

  const items = virtual.getVirtualItems();
  const visible = virtual.range;
  const shown = [visible?.startIndex ?? 0, visible?.endIndex ?? 0] as const;

  return (
    <section aria-label="Transcript" className="flex h-full min-h-0 flex-col">
      <div className="shrink-0 px-4 pt-2.5 pb-1">
        <SegmentBar rows={rows} shown={shown} onSeek={(index) => virtual.scrollToIndex(index, { align: "start" })} />
      </div>
      <div className="relative min-h-0 flex-1">
        <div
          ref={scroller}
          tabIndex={0}
          role="log"
          aria-label="What happened"
          aria-live="off"
          className="h-full overflow-y-auto px-4 -outline-offset-2 [overflow-anchor:none]"
          onScroll={(event) => {
            const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
            setAtEnd(scrollHeight - scrollTop - clientHeight <= endThreshold);
          }}
        >
          {rows.length === 0 && <Waiting caughtUp={caughtUp} />}
          <div className="relative mx-auto w-full max-w-3xl" style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              return (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <RowView
                    row={row}
                    live={
                      row.kind === "turn" &&
                      row.status === "running" &&
                      liveTurn?.stage === row.stage &&
                      liveTurn.turn === row.turn
                        ? liveTurn
                        : null
                    }
                    output={row.kind === "tool" ? liveOutput[row.callId] : undefined}
                    open={opened.has(row.seq)}
                    toggle={toggle}
                    names={names}
                  />
                </div>
              );
            })}
          </div>
        </div>
        {!atEnd && (
          <Button
            size="sm"
            className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-full shadow-pop"
            onClick={toEnd}
          >
            <ArrowDown className="size-3.5" aria-hidden />
            {ended ? "Jump to the end" : "Jump to live"}
          </Button>
        )}
      </div>
    </section>
  );
}

interface RowViewProps {
  readonly row: Row;
  readonly live: LiveTurn | null;
  readonly output: string | undefined;
  readonly open: boolean;
  readonly toggle: (seq: number) => void;
  readonly names: LaneNames;
}

function RowView({ row, live, output, open, toggle, names }: RowViewProps) {
  const onToggle = useCallback(() => toggle(row.seq), [toggle, row.seq]);
  switch (row.kind) {
    case "stage":
      return <StageLine row={row} />;
    case "turn":
      return <TurnBlock row={row} live={live} open={open} onToggle={onToggle} />;
    case "tool":
      return <ToolBlock row={row} liveOutput={output} open={open} onToggle={onToggle} />;
    case "noted":
      return isSteering(row.event) ? (
        <Steering event={row.event} open={open} onToggle={onToggle} />
      ) : (
        <LineLane value={laneNameOf(names, row.event.data)}>
          {isOfLanes(row.event) ? (
            <Lanes event={row.event} names={names} />
          ) : isOfPulls(row.event) ? (
            <Pulls event={row.event} />
          ) : (
            <Noted event={row.event} />
          )}
        </LineLane>
      );
    case "message":
      return <Message row={row} />;
  }
}

function Waiting({ caughtUp }: { caughtUp: boolean }) {
  if (caughtUp) return <p className="pt-8 text-center text-muted">The run is queued. Its first step will show here.</p>;
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-3 pt-5" role="status" aria-label="Loading the transcript">
      <Skeleton className="h-20 w-full rounded-xl" />
      <Skeleton className="h-5 w-2/3" />
      <Skeleton className="h-5 w-1/2" />
      <Skeleton className="h-5 w-3/5" />
    </div>
  );
}

import "@xyflow/react/dist/base.css";
import {
  Background,
  Controls,
  MarkerType,
  ReactFlow,
  type Connection,
  type Edge,
  type EdgeChange,
  type NodeTypes,
} from "@xyflow/react";
import { PanelRightClose, PanelRightOpen } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { Button } from "../../../../components/ui/button.tsx";
import { cx } from "../../../../components/ui/cx.ts";
import { stageColors } from "../../../../components/ticket-icons.tsx";
import { useBoardParts } from "../../parts.ts";
import { useMayOnBoard } from "../../refusal.ts";
import type { OtherViewProps } from "../board-views.tsx";
import { isDone, stageOf, type ColumnInfo } from "../columns-info.ts";
import { criticalPath } from "./critical-path.ts";
import { boxSize, linkId, linksOf, placesOf, type Link } from "../../../../lib/layered-graph.ts";
import { LinkPanel } from "./link-panel.tsx";
import { TicketBox, type BoxNode } from "./ticket-box.tsx";
import { useLinks } from "./use-links.ts";

const nodeTypes: NodeTypes = { ticket: TicketBox };

/** The tickets that hang together, each right of those that it waits for, with a list of the same links beside it. */
export function GraphView({ look, onOpen, openTicket }: OtherViewProps) {
  const { info, visible } = look;
  const tickets = useMemo(() => [...visible.values()].flat(), [visible]);
  const mayLink = useMayOnBoard("ticket.edit");
  const graph = useGraph(tickets, info);
  const links = useLinks();
  const [selected, setSelected] = useState<string | null>(null);
  const [hasPanel, setPanel] = useState(() => window.innerWidth >= 900);
  const opened = useRef(onOpen);
  opened.current = onOpen;
  const nodes = useMemo(
    () =>
      graph.linked.map((ticket): BoxNode => {
        const column = info.find(({ id }) => id === ticket.column);
        return {
          ...{ id: ticket.id, type: "ticket", ...boxSize, draggable: false, deletable: false, focusable: false },
          position: graph.places.get(ticket.id) ?? { x: 0, y: 0 },
          data: {
            ticket,
            ...{ mayLink, columnName: column?.name ?? ticket.column, stage: stageOf(ticket, info) },
            ...{ isCritical: graph.critical.has(ticket.id), isOpen: ticket.id === openTicket },
            onOpen: (id) => opened.current(id),
          },
        };
      }),
    [graph, info, mayLink, openTicket],
  );
  const edges = useMemo(() => graph.links.map((link) => edgeOf(link, graph, selected)), [graph, selected]);
  const byId = (id: string): Ticket | undefined => graph.byId.get(id);
  const unlink = ({ from, to }: Link) => void links.unlink(byId(to), byId(from));
  return (
    <div className="relative flex min-h-0 flex-1 border-t border-line">
      <div className="relative min-w-0 flex-1 select-none" role="region" aria-label="Graph of dependencies">
        {nodes.length === 0 ? (
          <p className="flex h-full items-center justify-center p-6 text-center text-muted">
            No ticket here depends on another one yet. Make the first dependency in the list beside.
          </p>
        ) : (
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            fitView
            fitViewOptions={{ padding: 0.08, maxZoom: 1, minZoom: 0.25 }}
            minZoom={0.05}
            maxZoom={1.5}
            onlyRenderVisibleElements
            nodesFocusable={false}
            edgesFocusable={mayLink}
            deleteKeyCode={mayLink ? ["Delete", "Backspace"] : null}
            onConnect={({ source, target }: Connection) => void links.link(byId(target), byId(source))}
            onEdgesChange={(changes) => setSelected((before) => selectedAfter(before, changes))}
            onPaneClick={() => setSelected(null)}
            onBeforeDelete={async ({ edges: gone }) => {
              for (const { source, target } of gone) unlink({ from: source, to: target });
              return false;
            }}
            proOptions={{ hideAttribution: true }}
            className="bg-bg!"
          >
            <Background gap={24} color="var(--line)" />
            <Controls
              showInteractive={false}
              className="overflow-hidden rounded-lg border border-line [&_button]:size-8 [&_button]:border-line! [&_button]:bg-card! [&_button]:text-text [&_svg]:fill-current!"
            />
          </ReactFlow>
        )}
        <Legend info={info} critical={graph.critical.size} />
        <Button
          look="secondary"
          size="icon"
          className="absolute top-3 right-3 z-30"
          aria-expanded={hasPanel}
          aria-label={hasPanel ? "Hide the list of dependencies" : "Show the list of dependencies"}
          onClick={() => setPanel(!hasPanel)}
        >
          {hasPanel ? (
            <PanelRightClose className="size-4" aria-hidden />
          ) : (
            <PanelRightOpen className="size-4" aria-hidden />
          )}
        </Button>
      </div>
      {hasPanel && (
        <LinkPanel
          links={graph.links}
          byId={byId}
          alone={graph.alone}
          all={tickets}
          mayLink={mayLink}
          onOpen={onOpen}
          onUnlink={unlink}
          onLink={async (ticket, other) => links.link(ticket, other)}
        />
      )}
    </div>
  );
}

/** The graph of some tickets. Places are worked out anew only when links or their tickets change. */
function useGraph(tickets: readonly Ticket[], info: readonly ColumnInfo[]) {
  const { store } = useBoardParts();
  const links = linksOf(tickets);
  const shape = links.map(linkId).join(" ");
  const known = useRef<{ readonly shape: string; readonly places: ReturnType<typeof placesOf> } | null>(null);
  if (known.current?.shape !== shape) known.current = { shape, places: placesOf(links) };
  const { places } = known.current;
  return useMemo(() => {
    const path = criticalPath(
      tickets.map((ticket) => ({ id: ticket.id, dependsOn: ticket.dependsOn, isDone: isDone(ticket, info) })),
    );
    const steps = new Set(path.slice(1).map((to, index) => linkId({ from: path[index] ?? "", to })));
    return {
      links: linksOf(tickets),
      places,
      critical: new Set(path),
      steps,
      linked: tickets.filter(({ id }) => places.has(id)),
      alone: tickets.filter(({ id }) => !places.has(id)),
      byId: store.read().tickets,
    };
  }, [tickets, info, places, store]);
}

type DrawnGraph = ReturnType<typeof useGraph>;

function edgeOf(link: Link, graph: DrawnGraph, selected: string | null): Edge {
  const id = linkId(link);
  const isCritical = graph.steps.has(id);
  const isSelected = id === selected;
  const color = isSelected ? "var(--blue)" : isCritical ? "var(--text)" : "var(--line-strong)";
  const keyOf = (ticket: string) => graph.byId.get(ticket)?.key ?? ticket;
  return {
    ...{ id, source: link.from, target: link.to, selected: isSelected },
    ariaLabel: `${keyOf(link.to)} waits for ${keyOf(link.from)}${isCritical ? ", on the critical path" : ""}. Delete removes it.`,
    style: { stroke: color, strokeWidth: isCritical || isSelected ? 2.5 : 1.5 },
    markerEnd: { type: MarkerType.ArrowClosed, color, width: 16, height: 16 },
    zIndex: isCritical ? 1 : 0,
  };
}

function selectedAfter(before: string | null, changes: readonly EdgeChange[]): string | null {
  let next = before;
  for (const change of changes) {
    if (change.type !== "select") continue;
    if (change.selected) next = change.id;
    else if (change.id === next) next = null;
  }
  return next;
}

function Legend({ critical, info }: { critical: number; info: readonly ColumnInfo[] }) {
  const stages = [...new Map(info.map((column) => [column.stage, column])).values()];
  return (
    <div className="pointer-events-none absolute top-3 left-3 z-10 flex max-w-[60%] flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-line bg-panel px-2.5 py-1.5 text-xs text-muted">
      {critical > 0 && (
        <span className="inline-flex items-center gap-1.5 text-text">
          <span aria-hidden className="h-0.5 w-4 bg-text" />
          Critical path: {critical} tickets
        </span>
      )}
      {stages.map(({ name, stage }) => (
        <span key={stage} className="hidden items-center gap-1.5 md:inline-flex">
          <span aria-hidden className={cx("size-2 rounded-full", stageColors[stage])} />
          {name}
        </span>
      ))}
    </div>
  );
}

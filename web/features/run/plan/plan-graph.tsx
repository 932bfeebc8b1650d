import { TypeIcon } from "../../../components/ticket-icons.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { boxSize, linkId, linksOf, placesOf, type Link, type Place } from "../../../lib/layered-graph.ts";
import type { PlanItem } from "./draft.ts";

const margin = 8;

/** The items that wait for each other, each right of those that it waits for; the others are listed under them. */
export function PlanGraph({ items }: { items: readonly PlanItem[] }) {
  const links = linksOf(items.map(({ dependsOn, key }) => ({ id: key, dependsOn: [...dependsOn] })));
  const places = placesOf(links);
  const linked = items.filter(({ key }) => places.has(key));
  const alone = items.filter(({ key }) => !places.has(key));
  const corners = [...places.values()];
  const width = Math.max(0, ...corners.map(({ x }) => x)) + boxSize.width + 2 * margin;
  const height = Math.max(0, ...corners.map(({ y }) => y)) + boxSize.height + 2 * margin;
  return (
    <div role="region" aria-label="Graph of dependencies" tabIndex={0}>
      {linked.length === 0 ? (
        <p className="p-4 text-muted">No item waits for another one.</p>
      ) : (
        <div className="relative" style={{ width, height }}>
          <svg width={width} height={height} aria-hidden className="absolute inset-0">
            <defs>
              <marker
                id="plan-arrow"
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="7"
                markerHeight="7"
                orient="auto"
              >
                <path d="M0 0 8 4 0 8z" fill="var(--line-strong)" />
              </marker>
            </defs>
            {links.map((link) => (
              <path
                key={linkId(link)}
                d={curve(link, places)}
                fill="none"
                stroke="var(--line-strong)"
                strokeWidth="1.5"
                markerEnd="url(#plan-arrow)"
              />
            ))}
          </svg>
          <ul>
            {linked.map((item) => (
              <li key={item.key} className="absolute" style={boxAt(places.get(item.key))}>
                <Box
                  item={item}
                  waitsFor={item.dependsOn.flatMap((key) => items.find((other) => other.key === key)?.title ?? [])}
                />
              </li>
            ))}
          </ul>
        </div>
      )}
      {linked.length > 0 && alone.length > 0 && (
        <div className="p-2 text-xs text-muted">
          <p>Without dependencies:</p>
          <ul className="mt-1 flex flex-wrap gap-1">
            {alone.map(({ key, title, type }) => (
              <li
                key={key}
                className="inline-flex max-w-full items-center gap-1 rounded-full border border-line px-2 py-0.5"
              >
                <TypeIcon type={type} />
                <span className="truncate">{title}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function Box({ item, waitsFor }: { item: PlanItem; waitsFor: readonly string[] }) {
  return (
    <div
      title={item.title}
      className={cx(
        "flex size-full flex-col gap-1 overflow-hidden rounded-xl border border-line bg-card px-3 py-2",
        !item.isChosen && "opacity-50",
      )}
    >
      <span className="flex items-center gap-1.5 text-xs text-muted">
        <TypeIcon type={item.type} />
        {item.ownerRole ?? ""}
        {!item.isChosen && " left out"}
      </span>
      <span className="line-clamp-2 text-xs font-medium break-words">{item.title}</span>
      {waitsFor.length > 0 && <span className="sr-only">waits for {waitsFor.join(", ")}</span>}
    </div>
  );
}

const boxAt = (place: Place | undefined) => ({
  ...boxSize,
  left: (place?.x ?? 0) + margin,
  top: (place?.y ?? 0) + margin,
});

/** From the right side of the one that is first to the left side of the one that waits. */
function curve({ from, to }: Link, places: ReadonlyMap<string, Place>): string {
  const start = boxAt(places.get(from));
  const end = boxAt(places.get(to));
  const [x1, y1] = [start.left + boxSize.width, start.top + boxSize.height / 2];
  const [x2, y2] = [end.left, end.top + boxSize.height / 2];
  const bend = Math.max(24, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

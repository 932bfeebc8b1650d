import type { Ticket } from "../../contracts/project.ts";

/** A ticket's box, in pixels. All have this size, so that their places are known before anything is drawn. */
export const boxSize = { width: 216, height: 68 } as const;
const gap = { x: 72, y: 16 } as const;
const sweeps = 8;

/** `to` can start once `from` is done. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** The upper left corner of a box, in pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The dependencies between tickets, or items of a plan, that are shown. */
export function linksOf(tickets: readonly Pick<Ticket, "dependsOn" | "id">[]): readonly Link[] {
  const shown = new Set(tickets.map(({ id }) => id));
  return tickets.flatMap(({ dependsOn, id }) =>
    dependsOn.filter((other) => shown.has(other)).map((other) => ({ from: other, to: id })),
  );
}

/** The name of a link. */
export const linkId = ({ from, to }: Link): string => `${from}-${to}`;

/**
 * Places for all tickets of some links, in layers from left to right: each stands right of all that it waits for, and near them in height.
 * Layers with barycentres, as in Sugiyama, Tagawa and Toda 1981; a general graph library takes seconds for 500 tickets.
 */
export function placesOf(links: readonly Link[]): ReadonlyMap<string, Place> {
  const ids = [...new Set(links.flatMap(({ from, to }) => [from, to]))].toSorted((a, b) => Number(a) - Number(b));
  const before = neighbours(links, "to", "from");
  const after = neighbours(links, "from", "to");
  const layers: string[][] = [];
  for (const [id, layer] of layersOf(ids, before)) (layers[layer] ??= []).push(id);
  const heights = new Map<string, number>();
  for (const layer of layers) spread(layer, new Map(), heights);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const isForward = sweep % 2 === 0;
    for (const layer of isForward ? layers : layers.toReversed())
      spread(layer, wishes(layer, isForward ? before : after, heights), heights);
  }
  const top = Math.min(0, ...heights.values());
  return new Map(
    layers.flatMap((layer, at) =>
      layer.map((id) => [id, { x: at * (boxSize.width + gap.x), y: (heights.get(id) ?? 0) - top }] as const),
    ),
  );
}

type Neighbours = ReadonlyMap<string, readonly string[]>;

function neighbours(links: readonly Link[], of: keyof Link, other: keyof Link): Neighbours {
  const all = new Map<string, string[]>();
  for (const link of links) {
    const known = all.get(link[of]);
    if (known === undefined) all.set(link[of], [link[other]]);
    else known.push(link[other]);
  }
  return all;
}

/** The layer of each ticket: one right of the rightmost that it waits for. In a circle, which the server refuses, a link is left out. */
function layersOf(ids: readonly string[], before: Neighbours): ReadonlyMap<string, number> {
  const layers = new Map<string, number>();
  const begun = new Set<string>();
  for (const start of ids) {
    const stack = [start];
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const others = before.get(id) ?? [];
      const missing = begun.has(id) ? [] : others.filter((other) => !layers.has(other) && !begun.has(other));
      begun.add(id);
      stack.push(...missing);
      if (missing.length > 0) continue;
      stack.pop();
      if (!layers.has(id)) layers.set(id, Math.max(0, ...others.map((other) => (layers.get(other) ?? -1) + 1)));
    }
  }
  return layers;
}

/** The height that each ticket of a layer would have beside its neighbours: the middle of theirs. */
function wishes(layer: readonly string[], neighboursOf: Neighbours, heights: ReadonlyMap<string, number>) {
  return new Map(
    layer.flatMap((id) => {
      const others = (neighboursOf.get(id) ?? []).flatMap((other) => heights.get(other) ?? []);
      if (others.length === 0) return [];
      return [[id, others.reduce((sum, height) => sum + height, 0) / others.length] as const];
    }),
  );
}

/** Orders a layer by the heights that its tickets wish for, and gives heights near those without an overlap. */
function spread(layer: string[], wished: ReadonlyMap<string, number>, heights: Map<string, number>): void {
  const wish = (id: string) => wished.get(id) ?? heights.get(id) ?? 0;
  layer.sort((a, b) => wish(a) - wish(b) || Number(a) - Number(b));
  const step = boxSize.height + gap.y;
  let lowest = Number.NEGATIVE_INFINITY;
  let drift = 0;
  const placed = layer.map((id) => {
    lowest = Math.max(wish(id), lowest + step);
    drift += lowest - wish(id);
    return lowest;
  });
  // Boxes that were pushed down all together go up again by the middle of the push.
  const shift = layer.length === 0 ? 0 : drift / layer.length;
  for (const [at, id] of layer.entries()) heights.set(id, (placed[at] ?? 0) - shift);
}

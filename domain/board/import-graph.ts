/** More circles than this are not told at once. */
const mostCycles = 20;

/**
 * Circles among things that point at each other, each as the way from one of them back to it. Found in one walk over all of them, so a
 * thing may be on more circles than it is told of; none is found only where there is none.
 */
export function findCycles(
  nodes: Iterable<string>,
  edgesOf: (node: string) => readonly string[],
): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const done = new Set<string>();
  for (const start of nodes) {
    if (done.has(start)) continue;
    const way: string[] = [];
    const on = new Map<string, number>();
    const stack: { readonly node: string; readonly edges: Iterator<string> }[] = [];
    const enter = (node: string): void => {
      on.set(node, way.length);
      way.push(node);
      stack.push({ node, edges: edgesOf(node)[Symbol.iterator]() });
    };
    enter(start);
    for (let at = stack.at(-1); at !== undefined; at = stack.at(-1)) {
      const next = at.edges.next();
      if (next.done === true) {
        stack.pop();
        way.pop();
        on.delete(at.node);
        done.add(at.node);
        continue;
      }
      const index = on.get(next.value);
      if (index !== undefined) {
        cycles.push([...way.slice(index), next.value]);
        if (cycles.length === mostCycles) return cycles;
      } else if (!done.has(next.value)) enter(next.value);
    }
  }
  return cycles;
}

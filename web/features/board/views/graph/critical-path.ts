/** A ticket as far as chains of dependencies are concerned. */
export interface ChainTicket {
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly isDone: boolean;
}

/**
 * The longest chain of tickets that are not done, each depending on the one before it: no plan is ready sooner than its tickets one after
 * the other. Of equally long ones the same is chosen each time, whatever the order of the tickets. Empty where no two hang together.
 */
export function criticalPath(tickets: readonly ChainTicket[]): readonly string[] {
  const open = new Map(tickets.filter(({ isDone }) => !isDone).map((ticket) => [ticket.id, ticket]));
  const longest = new Map<string, Chain>();
  for (const id of open.keys()) measure(id, open, longest);
  let best: string | undefined;
  for (const [id, chain] of longest)
    if (
      best === undefined ||
      isBetter({ id, length: chain.length }, { id: best, length: longest.get(best)?.length ?? 0 })
    )
      best = id;
  if (best === undefined || (longest.get(best)?.length ?? 0) < 2) return [];
  const path: string[] = [];
  for (let at: string | undefined = best; at !== undefined; at = longest.get(at)?.before) path.unshift(at);
  return path;
}

/** The longest chain that ends with a ticket: its length, and the ticket before the last. */
interface Chain {
  readonly length: number;
  readonly before: string | undefined;
}

const isBetter = (a: { id: string; length: number }, b: { id: string; length: number }) =>
  a.length > b.length || (a.length === b.length && Number(a.id) < Number(b.id));

/** Notes the longest chain that ends with a ticket, and those of all that it hangs on; without recursion, since chains may be long. */
function measure(start: string, open: ReadonlyMap<string, ChainTicket>, longest: Map<string, Chain>): void {
  const stack = [start];
  const begun = new Set<string>();
  for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
    if (longest.has(id)) {
      stack.pop();
      continue;
    }
    const others = (open.get(id)?.dependsOn ?? []).filter((other) => open.has(other));
    // A circle, which the server refuses, may be here for a moment: a ticket that was begun already counts as the start.
    const missing = begun.has(id) ? [] : others.filter((other) => !longest.has(other) && !begun.has(other));
    begun.add(id);
    if (missing.length > 0) {
      stack.push(...missing);
      continue;
    }
    let best: { id: string; length: number } | undefined;
    for (const other of others) {
      const candidate = { id: other, length: longest.get(other)?.length ?? 0 };
      if (candidate.length > 0 && (best === undefined || isBetter(candidate, best))) best = candidate;
    }
    longest.set(id, { length: (best?.length ?? 0) + 1, before: best?.id });
    stack.pop();
  }
}

import { firstByKey, shownWord } from "./text.ts";
import type { Dependency, Manifest } from "./types.ts";

/** A repository of a run: its packages, and the repositories that the project says it depends on. */
export interface OrderedRepository {
  readonly repositoryId: string;
  readonly name: string;
  readonly manifests: readonly Manifest[];
  readonly declaredDependsOn: readonly string[];
}

/** The repository `from` depends on the repository `to`. */
export interface DependencyEdge {
  readonly from: string;
  readonly to: string;
  /** A sentence for a person without its full stop, such as "app/package.json depends on @acme/units ^1.2.0". */
  readonly because: string;
}

export interface RepositoryOrder {
  /** Every repository once, libraries before their consumers. */
  readonly order: readonly string[];
  /** At most one for each pair; a manifest's reason comes before the project's. */
  readonly edges: readonly DependencyEdge[];
  /** Repositories of which each depends on the next, and the last on the first; undefined when there is no cycle. */
  readonly cycle: readonly string[] | undefined;
}

/**
 * The order in which repositories of a run are written: libraries come before consumers. Repositories that do not
 * depend on each other keep their given order, as do those that depend on each other in a cycle, which a person must
 * order. Of two repositories with a package of one name the first owns it. Unknown and repeated ids are left out.
 */
export function orderRepositories(repositories: readonly OrderedRepository[]): RepositoryOrder {
  const distinct = [...firstByKey(repositories, ({ repositoryId }) => repositoryId).values()];
  const ids = distinct.map(({ repositoryId }) => repositoryId);
  const edges = edgesOf(distinct);
  const next = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { from, to } of edges) next.get(from)?.push(to);
  const components = componentsOf(ids, next);
  const knot = components.find((component) => component.length > 1);
  return { order: sorted(components, next), edges, cycle: knot === undefined ? undefined : cycleIn(knot, next) };
}

function edgesOf(repositories: readonly OrderedRepository[]): readonly DependencyEdge[] {
  const owners = new Map<string, string>();
  for (const { manifests, repositoryId } of repositories) {
    for (const manifest of manifests) {
      const key = packageKey(manifest.ecosystem, manifest.name);
      if (!owners.has(key)) owners.set(key, repositoryId);
    }
  }
  const known = new Set(repositories.map(({ repositoryId }) => repositoryId));
  const edges: DependencyEdge[] = [];
  for (const repository of repositories) {
    const { declaredDependsOn, manifests, repositoryId } = repository;
    const seen = new Set([repositoryId]);
    const own = new Set(manifests.map(({ ecosystem, name }) => packageKey(ecosystem, name)));
    const add = (to: string, because: string): void => {
      if (seen.has(to)) return;
      seen.add(to);
      edges.push({ from: repositoryId, to, because });
    };
    for (const manifest of manifests) {
      for (const dependency of manifest.dependencies) {
        const key = packageKey(manifest.ecosystem, dependency.name);
        const owner = own.has(key) ? undefined : owners.get(key);
        if (owner !== undefined) add(owner, reason(repository, manifest, dependency));
      }
    }
    for (const id of declaredDependsOn) if (known.has(id)) add(id, "the project says so");
  }
  return edges;
}

function packageKey(ecosystem: string, name: string): string {
  return `${ecosystem} ${name}`;
}

function reason({ name }: OrderedRepository, { path }: Manifest, { kind, name: needed, range }: Dependency): string {
  const note = kind === "runtime" ? "" : ` (${kind})`;
  return `${shownWord(name)}/${shownWord(path)} depends on ${needed}${range === "" ? "" : ` ${range}`}${note}`;
}

type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * The strongly connected components, each in the given order, and themselves in the order of their first
 * repositories.
 */
function componentsOf(ids: readonly string[], next: Graph): readonly (readonly string[])[] {
  const reached = new Map(ids.map((id) => [id, reachable(id, next)]));
  const placed = new Set<string>();
  const components: (readonly string[])[] = [];
  for (const id of ids) {
    if (placed.has(id)) continue;
    const component = ids.filter((other) => other === id || isMutual(reached, id, other));
    for (const member of component) placed.add(member);
    components.push(component);
  }
  return components;
}

function isMutual(reached: ReadonlyMap<string, ReadonlySet<string>>, a: string, b: string): boolean {
  return reached.get(a)?.has(b) === true && reached.get(b)?.has(a) === true;
}

function reachable(start: string, next: Graph): ReadonlySet<string> {
  const seen = new Set<string>();
  const waiting = [...(next.get(start) ?? [])];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...(next.get(id) ?? []));
  }
  return seen;
}

/** Takes, again and again, the first component whose dependencies outside of itself are all placed. */
function sorted(components: readonly (readonly string[])[], next: Graph): readonly string[] {
  const placed = new Set<string>();
  const waiting = [...components];
  while (waiting.length > 0) {
    const index = waiting.findIndex((component) =>
      component.every((id) => (next.get(id) ?? []).every((to) => placed.has(to) || component.includes(to))),
    );
    // Components form no cycle, so one is always ready.
    for (const id of waiting.splice(Math.max(index, 0), 1)[0] ?? []) placed.add(id);
  }
  return [...placed];
}

/** The shortest cycle through the component's first repository, found breadth first. */
function cycleIn(component: readonly string[], next: Graph): readonly string[] {
  const [start = ""] = component;
  const inside = new Set(component);
  const cameFrom = new Map<string, string>();
  const waiting = [start];
  for (const id of waiting) {
    for (const to of next.get(id) ?? []) {
      if (to === start) return pathTo(id, start, cameFrom);
      if (!inside.has(to) || cameFrom.has(to)) continue;
      cameFrom.set(to, id);
      waiting.push(to);
    }
  }
  return component;
}

function pathTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const path = [end];
  for (let id = end; id !== start;) {
    id = cameFrom.get(id) ?? start;
    path.push(id);
  }
  return path.reverse();
}

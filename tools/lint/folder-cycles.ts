import { readFile } from "node:fs/promises";
import { posix } from "node:path";

/** The Worker's entry hands the Durable Objects to the platform, and they are composed by it: one circle, by design. */
const allowed = new Set(["durable-objects/ <-> worker/"]);

/** One import between two neighbouring folders, such as `domain/run/` and `domain/policy/`. */
interface Edge {
  readonly from: string;
  readonly to: string;
  readonly shown: string;
}

/**
 * Circles of folders that lie side by side and import each other, with the imports that close them; empty when there are none.
 * Files directly in the common parent belong to no side, and imports of types alone don't count.
 *
 * @param root the folder that the paths start from
 * @param paths source files, with `/`
 */
export async function folderCycles(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const edges: Edge[] = [];
  for (const path of paths) {
    const text = await readFile(`${root}/${path}`, "utf8");
    for (const target of importedFiles(path, text)) {
      const edge = edgeOf(path, target);
      if (edge !== undefined) edges.push(edge);
    }
  }
  return circles(edges)
    .filter((circle) => !allowed.has(circle.join(" <-> ")))
    .map((circle) => {
      const inside = edges.filter(({ from, to }) => circle.includes(from) && circle.includes(to));
      return [`folders import each other: ${circle.join(" <-> ")}`, ...inside.map(({ shown }) => `  ${shown}`)].join(
        "\n",
      );
    });
}

function importedFiles(path: string, text: string): readonly string[] {
  const found: string[] = [];
  for (const match of text.matchAll(/^(?:import|export)\s([^;"']*?)(?:from\s*)?"(\.[^"]+)"/gm)) {
    const [, clause = "", source = ""] = match;
    if (!/^type\s/.test(clause.trimStart())) found.push(posix.join(posix.dirname(path), source));
  }
  return found;
}

function edgeOf(path: string, target: string): Edge | undefined {
  const from = path.split("/");
  const to = target.split("/");
  const fork = from.findIndex((name, index) => name !== to[index]);
  if (fork === -1 || fork >= from.length - 1 || fork >= to.length - 1) return undefined;
  const side = (parts: readonly string[]): string => `${parts.slice(0, fork + 1).join("/")}/`;
  return { from: side(from), to: side(to), shown: `${path} imports ${target}` };
}

/** Groups of folders that all reach each other, each sorted by name. */
function circles(edges: readonly Edge[]): readonly (readonly string[])[] {
  const next = Map.groupBy(edges, ({ from }) => from);
  const reached = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const open = [start];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      for (const { to } of next.get(folder) ?? []) {
        if (seen.has(to)) continue;
        seen.add(to);
        open.push(to);
      }
    }
    return seen;
  };
  const reach = new Map([...next.keys()].map((folder) => [folder, reached(folder)]));
  const told = new Set<string>();
  const found: (readonly string[])[] = [];
  for (const [folder, targets] of reach) {
    if (told.has(folder) || !targets.has(folder)) continue;
    const circle = [...targets].filter((other) => reach.get(other)?.has(folder) === true).toSorted();
    for (const member of circle) told.add(member);
    found.push(circle);
  }
  return found;
}

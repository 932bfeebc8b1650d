import { Parameters } from "./request.ts";

interface Route<H> {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handler: H;
}

/** Finds the handler of a method and path. `:name` stands for one segment, `*name` at the end for one or more. */
export class Router<H> {
  readonly #routes: Route<H>[] = [];

  add(method: string, pattern: string, handler: H): void {
    this.#routes.push({ method, segments: pattern.split("/").filter((part) => part !== ""), handler });
  }

  /** `path` is still percent-encoded; segments are decoded one by one, so an encoded slash stays inside its segment. */
  match(method: string, path: string): { handler: H; parameters: Parameters } | undefined {
    const parts: string[] = [];
    for (const raw of path.split("/").filter((part) => part !== "")) {
      try {
        parts.push(decodeURIComponent(raw));
      } catch {
        return undefined;
      }
    }
    for (const route of this.#routes) {
      if (route.method !== method) continue;
      const values = capture(route.segments, parts);
      if (values !== undefined) return { handler: route.handler, parameters: new Parameters(values) };
    }
    return undefined;
  }
}

function capture(segments: readonly string[], parts: readonly string[]): Map<string, string> | undefined {
  const values = new Map<string, string>();
  for (const [position, segment] of segments.entries()) {
    const part = parts[position];
    if (part === undefined) return undefined;
    if (segment.startsWith("*")) {
      values.set(segment.slice(1), parts.slice(position).join("/"));
      return values;
    }
    if (segment.startsWith(":")) values.set(segment.slice(1), part);
    else if (segment !== part) return undefined;
  }
  return segments.length === parts.length ? values : undefined;
}

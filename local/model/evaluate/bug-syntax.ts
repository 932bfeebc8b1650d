/** A Babel syntax node as the injector sees it. It shares no code with the repair, so that one does not flatter the other. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Calls `see` for every node with its parent and the functions around it. */
export function visit(
  node: Node,
  parent: Node | undefined,
  functions: readonly Node[],
  see: (node: Node, parent: Node | undefined, functions: readonly Node[]) => void,
): void {
  see(node, parent, functions);
  const inside = /Function|Method/u.test(node.type) ? [...functions, node] : functions;
  for (const [field, value] of Object.entries(node)) {
    if (/^(?:loc|extra|errors|\w*[cC]omments)$/u.test(field)) continue;
    for (const part of Array.isArray(value) ? value : [value]) if (isNode(part)) visit(part, node, inside, see);
  }
}

/** Variables and parameters declared in a function. */
export function localNames(owner: Node | undefined): readonly string[] {
  if (owner === undefined) return [];
  const names = new Set<string>();
  visit(owner, undefined, [], (node, parent) => {
    const declared = parent?.type === "VariableDeclarator" && parent["id"] === node;
    const parameter =
      parent !== undefined && /Function|Method/u.test(parent.type) && list(parent["params"]).includes(node);
    if (node.type === "Identifier" && (declared || parameter)) names.add(String(node["name"]));
  });
  return [...names];
}

/** The nodes in a list field. */
export function list(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Narrows a value to a node. */
export function isNode(value: unknown): value is Node {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string" &&
    "start" in value &&
    typeof value.start === "number" &&
    "end" in value &&
    typeof value.end === "number"
  );
}

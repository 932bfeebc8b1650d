import type * as z from "zod";
import { WireError } from "./errors.ts";

/** Parses a request body; throws WireError 400 naming the path of the first issue, as `messages.0.role: ...`. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = firstLeaf(parsed.error.issues);
  const path = issue.path.join(".");
  const message = issue.missing ? "Field required" : issue.message;
  throw new WireError(400, "bad_request", path === "" ? message : `${path}: ${message}`, { param: path });
}

interface Leaf {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly missing: boolean;
}

/** The deepest first issue: a union's own message ("Invalid input") says nothing, the most general (last) branch does. */
function firstLeaf(issues: readonly z.core.$ZodIssue[], base: readonly PropertyKey[] = []): Leaf {
  const issue = issues.at(0);
  if (issue === undefined) return { path: base, message: "Invalid input", missing: false };
  const path = [...base, ...issue.path];
  if (issue.code === "invalid_union") {
    const deepest = issue.errors.findLast((branch) => branch.some((inner) => inner.path.length > 0));
    if (deepest) return firstLeaf(deepest, path);
  }
  return { path, message: issue.message, missing: issue.code === "invalid_type" && issue.input === undefined };
}

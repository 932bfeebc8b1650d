import { parseBody } from "../wire/schema.ts";
import { WireError } from "../wire/errors.ts";
import type { PromptCache } from "../wire/prompt-cache.ts";
import type { CallLedger } from "./calls.ts";
import { faultSchema } from "./faults.ts";
import type { FaultQueue } from "./faults.ts";
import { scriptSchema } from "./scripts.ts";
import type { ScriptBook } from "./scripts.ts";

/** The parts that tests can set and read. */
export interface Controls {
  readonly faults: FaultQueue;
  readonly scripts: ScriptBook;
  readonly calls: CallLedger;
  readonly cache: PromptCache;
}

/**
 * Answers a request to `/_model/...`: `faults`, `script`, `calls` (GET lists, DELETE empties, POST adds to the first two),
 * and `DELETE /_model`, which empties all of them and the prompt cache. Throws WireError 400 and 404.
 */
export function answerControl(controls: Controls, method: string, path: string, body: unknown): object {
  if (method === "DELETE" && path === "/_model") {
    for (const part of [controls.faults, controls.scripts, controls.calls, controls.cache]) part.clear();
    return { ok: true };
  }
  if (path === "/_model/calls") {
    if (method === "DELETE") controls.calls.clear();
    else if (method !== "GET") throw unknownRoute(method, path);
    return { calls: controls.calls.list() };
  }
  if (path === "/_model/faults") {
    if (method === "POST") controls.faults.add(parseBody(faultSchema, body));
    else if (method === "DELETE") controls.faults.clear();
    else if (method !== "GET") throw unknownRoute(method, path);
    return { faults: controls.faults.list() };
  }
  if (path === "/_model/script") {
    if (method === "POST") controls.scripts.add(parseBody(scriptSchema, body));
    else if (method === "DELETE") controls.scripts.clear();
    else if (method !== "GET") throw unknownRoute(method, path);
    return { scripts: controls.scripts.list().length };
  }
  throw unknownRoute(method, path);
}

function unknownRoute(method: string, path: string): WireError {
  return new WireError(404, "not_found", `No such route: ${method} ${path}`);
}

import type { ServiceDeps } from "../../worker/context.ts";

/** A host of runs that knows none of them, and does nothing. */
export function quietHost(): ServiceDeps["runs"] {
  return {
    command: async () => ({ ok: false, code: "conflict", detail: "It does not run." }),
    read: async (_runId, { kind }) => (kind === "patch_content" || kind === "model_call" ? null : '{"items":[]}'),
    socket: async () => new Response(null, { status: 404 }),
    grantedSocket: async () => new Response(null, { status: 401 }),
  };
}

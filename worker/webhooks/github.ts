import { keepDelivery } from "../db/stores/delivery.ts";
import { ServiceError } from "../errors.ts";
import { limitBody } from "../middleware/body-limit.ts";
import type { ApiApp } from "../routes/shared.ts";
import { handleDelivery } from "../services/delivery/handle-delivery.ts";

/** GitHub caps payloads at 25 MB; what we act on is far smaller. https://docs.github.com/en/webhooks/webhook-events-and-payloads */
const maxPayloadBytes = 5_000_000;

/**
 * `POST /api/webhooks/github`: the size is limited before anything else, the signature is checked over the raw bytes, the delivery kept once, then handled at once and
 * again by the queue and the sweep until it is done. Public, so to be registered before the session middleware.
 */
export function registerGitHubWebhooks(app: ApiApp): void {
  const limit = limitBody(maxPayloadBytes, { detail: "The delivery is too large.", discardedBytes: 0 });
  app.post("/api/webhooks/github", limit, async (c) => {
    const { deps } = c.var;
    const body = new Uint8Array(await c.req.arrayBuffer());
    if (!(await deps.webhooks.verify(body, c.req.header("x-hub-signature-256") ?? null))) {
      throw new ServiceError("unauthenticated", "The signature is missing or wrong.");
    }
    const event = c.req.header("x-github-event") ?? "";
    const deliveryId = c.req.header("x-github-delivery") ?? "";
    if (!/^[a-z0-9_]{1,60}$/u.test(event) || !/^[A-Za-z0-9-]{8,80}$/u.test(deliveryId))
      throw new ServiceError("invalid_request", "The delivery's headers are missing.");
    const id = await keepDelivery(deps.db, {
      deliveryId,
      event,
      payload: new TextDecoder().decode(body),
      receivedAtMs: deps.now(),
    });
    if (id === undefined) return c.json({ status: "known" }, 200);
    deps.enqueueDelivery(id);
    c.executionCtx.waitUntil(handleDelivery(deps, id));
    return c.json({ status: "kept" }, 202);
  });
}

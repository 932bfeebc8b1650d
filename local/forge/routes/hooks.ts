import { iso } from "../core.ts";
import { json } from "../http/answer.ts";
import { query, type ApiRoutes, type Call } from "./calls.ts";
import { notFound } from "../http/errors.ts";
import type { Delivery } from "../store/deliveries.ts";
import type { Schemas } from "../types.ts";

function item(
  delivery: Delivery,
): Schemas["hook-delivery-item"] & { id: number; installation_id: number | null; repository_id: number | null } {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: iso(delivery.deliveredAtMs),
    redelivery: delivery.isRedelivery,
    duration: delivery.durationMs / 1000,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
  };
}

function object(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function deliveryOf(call: Call): Delivery {
  const found = call.context.store.deliveries.find(call.parameters.number("id"));
  if (found === undefined) throw notFound();
  return found;
}

/** Deliveries of the app's webhook. https://docs.github.com/rest/apps/webhooks */
export function addHookRoutes(routes: ApiRoutes): void {
  routes.app("GET", "/app/hook/config", ({ context }) =>
    json<Schemas["webhook-config"]>(200, {
      content_type: "json",
      insecure_ssl: "0",
      secret: "********",
      ...(context.deliveries.url === undefined ? {} : { url: context.deliveries.url }),
    }),
  );

  routes.app("GET", "/app/hook/deliveries", (call) => {
    const asked = Number(query(call, "per_page") ?? 30);
    const size = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), 100) : 30;
    const cursor = Number(query(call, "cursor") ?? Number.NaN);
    const found = call.context.store.deliveries.list(size + 1, Number.isInteger(cursor) ? cursor : undefined);
    const shown = found.slice(0, size);
    const next = new URL(call.url);
    next.searchParams.set("cursor", String(shown.at(-1)?.id ?? 0));
    const headers: Record<string, string> = found.length > size ? { link: `<${next.href}>; rel="next"` } : {};
    return json<Schemas["hook-delivery-item"][]>(200, shown.map(item), headers);
  });

  routes.app("GET", "/app/hook/deliveries/:id", (call) => {
    const delivery = deliveryOf(call);
    return json<Schemas["hook-delivery"]>(200, {
      ...item(delivery),
      url: call.context.deliveries.url ?? "",
      request: { headers: object(delivery.requestHeaders), payload: object(delivery.payload) },
      response: { headers: object(delivery.responseHeaders), payload: delivery.responseBody },
    });
  });

  routes.app("POST", "/app/hook/deliveries/:id/attempts", (call) => {
    call.context.deliveries.redeliver(deliveryOf(call));
    return json<Schemas["empty-object"]>(202, {});
  });
}

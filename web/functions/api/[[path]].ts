interface PagesContext {
  readonly request: Request;
  readonly env: { readonly API: { fetch(request: Request): Promise<Response> } };
}

/**
 * Hands every request under /api, WebSocket upgrades too, to the Worker bound as `API`.
 * https://developers.cloudflare.com/pages/functions/bindings/#service-bindings
 */
export function onRequest(context: PagesContext): Promise<Response> {
  return context.env.API.fetch(context.request);
}

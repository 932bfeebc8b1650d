import * as z from "zod";
import { llmProviderSchema, providerKeySchema, putProviderKeySchema } from "../../contracts/provider-key.ts";
import { requirePerson } from "../context.ts";
import { getProviderKeys, removeProviderKey, setProviderKey } from "../services/model/provider-keys.ts";
import { json, jsonBody, problems, route, type ApiApp } from "./shared.ts";

const params = z.object({ provider: llmProviderSchema });

const list = route("provider_key.manage", {
  method: "get",
  path: "/api/provider-keys",
  tags: ["Models"],
  summary: "The tenant's own keys of model providers, without the keys",
  responses: {
    200: json(z.object({ items: z.array(providerKeySchema) }), "One a provider, where it is set"),
    ...problems("unauthenticated", "forbidden"),
  },
});

const put = route("provider_key.manage", {
  method: "put",
  path: "/api/provider-keys/{provider}",
  tags: ["Models"],
  summary: "Set the tenant's own key, which the provider is asked about",
  request: { params, body: jsonBody(putProviderKeySchema) },
  responses: {
    200: json(providerKeySchema, "The key as it is shown from now on"),
    ...problems("invalid_request", "unauthenticated", "forbidden"),
  },
});

const remove = route("provider_key.manage", {
  method: "delete",
  path: "/api/provider-keys/{provider}",
  tags: ["Models"],
  summary: "Remove it; runs go on with the deployment's key, where there is one",
  request: { params },
  responses: {
    204: { description: "Removed" },
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

/** `/api/provider-keys`. */
export function registerProviderKeys(app: ApiApp): void {
  app.openapi(list, async (c) => c.json({ items: [...(await getProviderKeys(c.var.deps, c.var.scope))] }, 200));
  app.openapi(put, async (c) => {
    const { provider } = c.req.valid("param");
    return c.json(await setProviderKey(c.var.deps, requirePerson(c.var.scope), provider, c.req.valid("json").key), 200);
  });
  app.openapi(remove, async (c) => {
    await removeProviderKey(c.var.deps, c.var.scope, c.req.valid("param").provider);
    return c.body(null, 204);
  });
}

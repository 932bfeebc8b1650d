import { connectorSchema, connectSchema } from "../../contracts/connector.ts";
import { requirePerson } from "../context.ts";
import { connect } from "../services/connector/connect.ts";
import { listConnectors, refreshConnectors } from "../services/connector/list-connectors.ts";
import { revokeConnector } from "../services/connector/revoke-connector.ts";
import { syncConnector } from "../services/connector/sync-connector.ts";
import { idParams, json, jsonBody, namedPage, pageQuery, problems, route, type ApiApp } from "./shared.ts";

const tags = ["Connectors"];

const list = route("connector.read", {
  method: "get",
  path: "/api/connectors",
  tags,
  summary: "List connectors",
  request: { query: pageQuery },
  responses: {
    200: json(namedPage("ConnectorPage", connectorSchema), "A page of connectors"),
    ...problems("invalid_request", "unauthenticated"),
  },
});

const create = route("connector.manage", {
  method: "post",
  path: "/api/connectors",
  tags,
  summary: "Connect an installation of the GitHub App and import its repositories",
  request: { body: jsonBody(connectSchema) },
  responses: {
    201: json(connectorSchema, "The connector"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "conflict", "unavailable"),
  },
});

const sync = route("connector.manage", {
  method: "post",
  path: "/api/connectors/{id}/sync",
  tags,
  summary: "Read the installation's repositories anew",
  request: { params: idParams },
  responses: {
    200: json(connectorSchema, "The connector"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found", "unavailable"),
  },
});

const refresh = route("repository.read", {
  method: "post",
  path: "/api/connectors/visibility",
  tags,
  summary: "Ask the forge anew which repositories the signed-in person sees",
  responses: {
    200: json(namedPage("ConnectorPage", connectorSchema), "The first page of connectors, with what the person sees"),
    ...problems("unauthenticated", "forbidden"),
  },
});

const revoke = route("connector.manage", {
  method: "delete",
  path: "/api/connectors/{id}",
  tags,
  summary: "Disconnect an installation",
  request: { params: idParams },
  responses: {
    204: { description: "Disconnected" },
    ...problems("invalid_request", "unauthenticated", "forbidden", "not_found"),
  },
});

/** `/api/connectors`. */
export function registerConnectors(app: ApiApp): void {
  app.openapi(list, async (c) =>
    c.json(await listConnectors(c.var.deps, c.var.scope, c.req.valid("query").cursor), 200),
  );
  app.openapi(create, async (c) =>
    c.json(await connect(c.var.deps, requirePerson(c.var.scope), c.req.valid("json")), 201),
  );
  app.openapi(sync, async (c) =>
    c.json(await syncConnector(c.var.deps, requirePerson(c.var.scope), Number(c.req.valid("param").id)), 200),
  );
  app.openapi(refresh, async (c) => c.json(await refreshConnectors(c.var.deps, requirePerson(c.var.scope)), 200));
  app.openapi(revoke, async (c) => {
    await revokeConnector(c.var.deps, c.var.scope, Number(c.req.valid("param").id));
    return c.body(null, 204);
  });
}

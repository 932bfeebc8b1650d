import { createRoute, type OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";
import * as z from "zod";
import { idSchema, pageSchema } from "../../contracts/common.ts";
import { errorStatus, problemSchema, type ErrorCode } from "../../contracts/errors.ts";
import type { PermissionName } from "../../domain/tenancy/permissions.ts";
import type { ApiEnv } from "../context.ts";
import { ServiceError } from "../errors.ts";
import { isOwnOrigin } from "../middleware/origin.ts";

/** The router that every resource registers its routes on. */
export type ApiApp = OpenAPIHono<ApiEnv>;

/**
 * A route that only signed-in members reach. Its permission, or those of which the request's content chooses one, stands in the
 * API's document as `x-permission`; the verb that it calls checks it.
 */
export function route<P extends string, R extends Omit<RouteConfig, "path"> & { path: P }>(
  permission: PermissionName | readonly PermissionName[],
  config: R,
) {
  return createRoute({ ...config, "x-permission": [permission].flat() });
}

export const idParams = z.object({ id: idSchema });

export const pageQuery = z.object({
  cursor: z.string().max(100).optional().describe("`nextCursor` of the page before"),
});

/** The schema of one page of a list, as a named component. */
export function namedPage<T extends z.ZodType>(id: string, item: T) {
  return pageSchema(item).meta({ id });
}

/** A JSON answer. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A JSON body that must be there. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: { "application/json": { schema } } };
}

/** The problem answers of a route, one for each status of these codes; 500 is always possible. */
export function problems(...codes: readonly ErrorCode[]) {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes, "internal" as const]) {
    byStatus.set(errorStatus[code], [...(byStatus.get(errorStatus[code]) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, own]) => [
      status,
      { description: own.join(", "), content: { "application/problem+json": { schema: problemSchema } } },
    ]),
  );
}

/** JSON that a typed host has made, passed on as it is; the type says so to the router. */
export function passThrough(body: string): never {
  return new Response(body, { headers: { "content-type": "application/json; charset=UTF-8" } }) as never;
}

/** Throws unless a request is a WebSocket upgrade from one of our own pages: `invalid_request`, `foreign_origin`. */
export function requireUpgrade(request: Request, publicOrigin: string): void {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
    throw new ServiceError("invalid_request", "This address speaks WebSocket only.");
  if (!isOwnOrigin(request.headers, publicOrigin))
    throw new ServiceError("foreign_origin", "Sockets are opened from our own pages only.");
}

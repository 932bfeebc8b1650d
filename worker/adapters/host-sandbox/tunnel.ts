import { sandboxHostPaths, tunnelHeader, tunnelResponse } from "../../../contracts/sandbox-host.ts";
import { fromBase64, toBase64Url } from "../../base64.ts";
import { PortError } from "../../ports/errors.ts";
import type { HostClient } from "./client.ts";

const nullBodyStatus: ReadonlySet<number> = new Set([204, 205, 304]);

/** Sends an HTTP request to a port inside a sandbox through the host; bodies stream both ways, unaltered. */
export async function fetchThroughHost(
  client: HostClient,
  id: string,
  port: number,
  request: Request,
): Promise<Response> {
  const url = new URL(request.url);
  const head = { method: request.method, target: url.pathname + url.search, headers: [...request.headers] };
  const { body } = request;
  const response = await client.send({
    method: "POST",
    path: sandboxHostPaths.action(id, `ports/${port}`),
    headers: { [tunnelHeader]: toBase64Url(new TextEncoder().encode(JSON.stringify(head))) },
    signal: request.signal,
    ...(body === null ? {} : { body }),
  });
  const { status, headers } = parseHead(response.headers.get(tunnelHeader) ?? "");
  // The body is passed on as the server encoded it, so workerd must not encode it again.
  const init = { status, headers, encodeBody: "manual" as const };
  if (nullBodyStatus.has(status)) {
    await response.body?.cancel();
    return new Response(null, init);
  }
  return new Response(response.body, init);
}

function parseHead(header: string) {
  try {
    return tunnelResponse.parse(JSON.parse(new TextDecoder().decode(fromBase64(header))));
  } catch {
    throw new PortError("sandbox", "permanent", "bad_answer", "the sandbox host's tunnel answer can't be read");
  }
}

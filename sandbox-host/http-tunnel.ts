import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { tunnelHeader, tunnelRequest, tunnelResponse } from "../contracts/sandbox-host.ts";
import { HostError } from "./errors.ts";
import { check, write, type Exchange } from "./http-io.ts";
import type { Sandbox } from "./sandbox.ts";

const headersTimeoutMs = 60_000;
/** Headers of one connection only, and those that this connection sets itself. */
const hopHeaders: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "host"],
]);

/**
 * Sends the request that the tunnel header describes to a port inside the sandbox and streams the answer back, head in
 * the tunnel header, body untouched. Throws `port_closed` when nothing listens or the answer isn't HTTP.
 */
export async function tunnelRoute(sandbox: Sandbox, port: number, { request, response }: Exchange): Promise<void> {
  const { method, target, headers } = check(tunnelRequest, decodeHeader(request.headers[tunnelHeader]));
  const socket = await sandbox.connect(port);
  response.once("close", () => socket.destroy());
  const answer = await forward(socket, port, { method, target, headers }, request);
  const head = check(tunnelResponse, { status: answer.statusCode, headers: answerHeaders(answer) });
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    [tunnelHeader]: Buffer.from(JSON.stringify(head)).toString("base64url"),
  });
  for await (const chunk of answer) if (Buffer.isBuffer(chunk)) await write(response, chunk);
  response.end();
  socket.destroy();
}

function forward(
  socket: Duplex,
  port: number,
  head: { readonly method: string; readonly target: string; readonly headers: readonly (readonly [string, string])[] },
  body: IncomingMessage,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      createConnection: () => socket,
      method: head.method,
      path: head.target,
      setHost: false,
      maxHeaderSize: 32 * 1024,
    });
    const unusable = () => {
      outgoing.destroy();
      reject(new HostError("port_closed", `port ${String(port)} in the sandbox gave no HTTP answer`));
    };
    const timer = setTimeout(unusable, headersTimeoutMs);
    try {
      outgoing.setHeader("host", `localhost:${String(port)}`);
      outgoing.setHeader("connection", "close");
      for (const [name, value] of head.headers) {
        if (!hopHeaders.has(name.toLowerCase())) outgoing.appendHeader(name, value);
      }
    } catch {
      clearTimeout(timer);
      outgoing.destroy();
      reject(new HostError("invalid_request", "a header that can't be sent"));
      return;
    }
    outgoing.on("error", unusable);
    outgoing.on("response", (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    // A body that breaks off shows as a broken answer.
    pipeline(body, outgoing).catch(() => {});
  });
}

function answerHeaders(answer: IncomingMessage): [string, string][] {
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < answer.rawHeaders.length; index += 2) {
    const name = answer.rawHeaders[index] ?? "";
    if (!hopHeaders.has(name.toLowerCase())) headers.push([name, answer.rawHeaders[index + 1] ?? ""]);
  }
  return headers;
}

function decodeHeader(value: string | string[] | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(String(value), "base64url").toString("utf8"));
  } catch {
    throw new HostError("invalid_request", `the ${tunnelHeader} header can't be read`);
  }
}

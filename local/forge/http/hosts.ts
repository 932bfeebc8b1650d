import type { IncomingMessage } from "node:http";

const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** True when a request names this forge: by a loopback name, or by its public one. Another name is a rebound one. */
export function namesThisForge(request: IncomingMessage, publicUrl: string): boolean {
  const name = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  return loopback.has(name) || name === new URL(publicUrl).hostname;
}

/** True when a form was sent by this forge's own page, or by a program that is no browser. */
export function isOwnForm(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin === undefined || origin === `http://${host ?? ""}` || origin === `https://${host ?? ""}`;
}

/** True when a request comes from a program on this machine: over loopback, by a loopback name, and not from a browser's page. */
export function isLocalProgram(request: IncomingMessage): boolean {
  const name = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  const isLoopback = /^(127\.|::1$|::ffff:127\.)/.test(request.socket.remoteAddress ?? "");
  return isLoopback && loopback.has(name) && request.headers.origin === undefined;
}

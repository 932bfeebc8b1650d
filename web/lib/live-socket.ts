import { ApiError } from "./api.ts";
import type { Connection } from "./connection.ts";
import { isMark, waitBefore } from "./socket-frames.ts";
import { closeCodes } from "./vocabulary.ts";

const pingEveryMs = 25_000;
const deadAfterMs = 60_000;

/** Why the server refuses a socket for good. */
export type SocketEnd = "signed_out" | "forbidden" | "not_found";

/** The state after a message: the catch-up is over, the numbers have a hole, or neither. */
export type SocketNews = "live" | "gap" | "more";

interface LiveSocketOptions {
  /** The socket's path with the number from which it goes on; called at the start of each connection. */
  readonly address: () => string;
  /** Takes one message of the server that is no mark. */
  readonly onMessage: (data: unknown) => SocketNews;
  readonly onConnection: (connection: Connection) => void;
  /** Called when the server refuses for good: no further try is made. */
  readonly onEnd: (end: SocketEnd) => void;
  /** Whether nothing more can come, so that a closed socket is no loss. */
  readonly isOver?: () => boolean;
  /** Asks by HTTP for what a socket would bring, while none can be had. */
  readonly catchUp: () => Promise<void>;
}

/** A socket that stays open. */
export interface LiveSocket {
  /** Sends a text now, or not at all without an open socket. */
  send(text: string): void;
  /** Leaves the connection and opens another one. */
  reconnect(): void;
  stop(): void;
}

const endsByCode: Readonly<Record<number, SocketEnd>> = {
  [closeCodes.signedOut]: "signed_out",
  [closeCodes.forbidden]: "forbidden",
  [closeCodes.notFound]: "not_found",
};
const endsByStatus: Readonly<Record<number, SocketEnd>> = { 401: "signed_out", 403: "forbidden", 404: "not_found" };

/**
 * Keeps a socket open: connects again after every loss, at once when the tab, the network or the page comes back from the browser's
 * cache. While no socket can be had, it catches up by HTTP.
 */
export function openLiveSocket(options: LiveSocketOptions): LiveSocket {
  const { address, catchUp, isOver = () => false, onConnection, onEnd, onMessage } = options;
  let socket: WebSocket | null = null;
  let attempt = 0;
  let stopped = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let heardAt = 0;

  const end = (reason: SocketEnd) => {
    stopped = true;
    clearTimeout(retry);
    onConnection("lost");
    onEnd(reason);
  };

  const connect = () => {
    clearTimeout(retry);
    retry = undefined;
    if (stopped || socket !== null) return;
    const url = new URL(address(), window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const mine = new WebSocket(url);
    socket = mine;
    heardAt = Date.now();
    mine.addEventListener("message", ({ data }) => {
      if (socket !== mine) return;
      heardAt = Date.now();
      if (isMark(data)) return mine.send(data);
      const news = onMessage(data);
      if (news === "gap") return lose(mine);
      if (news !== "live") return;
      attempt = 0;
      onConnection("live");
    });
    mine.addEventListener("close", ({ code }) => {
      if (socket !== mine) return;
      socket = null;
      const reason = endsByCode[code];
      if (reason === undefined) scheduleRetry();
      else end(reason);
    });
  };

  const lose = (which: WebSocket) => {
    if (socket !== which) return;
    socket = null;
    which.close();
    scheduleRetry();
  };

  const scheduleRetry = () => {
    if (stopped) return;
    if (isOver()) return onConnection("live");
    onConnection("lost");
    if (attempt > 0) void catchUpByHttp();
    retry = setTimeout(connect, waitBefore(attempt, Math.random()));
    attempt += 1;
  };

  const catchUpByHttp = async () => {
    try {
      await catchUp();
    } catch (error) {
      if (stopped || !(error instanceof ApiError)) return;
      const reason = endsByStatus[error.status];
      if (reason !== undefined) end(reason);
    }
  };

  const hurry = () => {
    if (document.visibilityState === "hidden" || stopped) return;
    if (socket === null && retry !== undefined) connect();
  };
  // The browser freezes a page that it may show again; a socket from before is dead then, though it may not know it.
  const comeBack = ({ persisted }: PageTransitionEvent) => {
    if (!persisted || stopped) return;
    const before = socket;
    socket = null;
    before?.close();
    attempt = 0;
    connect();
  };

  const heart = setInterval(() => {
    if (socket === null || socket.readyState !== WebSocket.OPEN) return;
    if (Date.now() - heardAt > deadAfterMs) lose(socket);
    else socket.send("ping");
  }, pingEveryMs);
  window.addEventListener("online", hurry);
  window.addEventListener("pageshow", comeBack);
  document.addEventListener("visibilitychange", hurry);
  onConnection("connecting");
  connect();

  return {
    send(text) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(text);
    },
    reconnect() {
      if (socket !== null) lose(socket);
    },
    stop() {
      stopped = true;
      clearTimeout(retry);
      clearInterval(heart);
      window.removeEventListener("online", hurry);
      window.removeEventListener("pageshow", comeBack);
      document.removeEventListener("visibilitychange", hurry);
      socket?.close();
      socket = null;
    },
  };
}

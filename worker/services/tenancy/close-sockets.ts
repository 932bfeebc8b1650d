import type { ServiceDeps } from "../../context.ts";
import type { SocketObject } from "../../db/stores/open-socket.ts";
import { systemCaller } from "../../ports/run-host.ts";

/**
 * Closes the sockets that a session has opened on a run, a board or a feed. Throws when the object can't be reached.
 *
 * @param by the part of the product that asks for it
 */
export async function closeSockets(
  { boards, feeds, runs }: Pick<ServiceDeps, "boards" | "feeds" | "runs">,
  { id, kind }: SocketObject,
  {
    by,
    reason,
    sessionKey,
  }: {
    readonly by: string;
    readonly sessionKey: string;
    readonly reason: "signed_out" | "expired" | "forbidden";
  },
): Promise<void> {
  const close = {
    board: () => boards.closeSockets(id, sessionKey, reason),
    feed: () => feeds.closeSockets(id, sessionKey, reason),
    run: () => runs.command(id, systemCaller(by), { kind: "close_sockets", sessionKey, reason }),
  };
  await close[kind]();
}

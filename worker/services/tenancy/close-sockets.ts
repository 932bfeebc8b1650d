import type { ServiceDeps } from "../../context.ts";
import type { SocketObject } from "../../db/stores/open-socket.ts";
import { systemCaller } from "../../ports/run-host.ts";

/**
 * Closes the sockets that a session has opened on a run or a board. Throws when the object can't be reached.
 *
 * @param by the part of the product that asks for it
 */
export async function closeSockets(
  { boards, runs }: Pick<ServiceDeps, "boards" | "runs">,
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
  if (kind === "board") return boards.closeSockets(id, sessionKey, reason);
  await runs.command(id, systemCaller(by), { kind: "close_sockets", sessionKey, reason });
}

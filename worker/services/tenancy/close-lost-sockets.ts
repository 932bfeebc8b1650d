import type { ServiceDeps } from "../../context.ts";
import { forgetSocket, listLostSockets } from "../../db/stores/open-socket.ts";
import { closeSockets } from "./close-sockets.ts";

export type LostSocketDeps = Pick<ServiceDeps, "boards" | "feeds" | "db" | "log" | "now" | "runs">;

const batch = 200;

/**
 * Tells the runs and boards of sockets whose session has expired or whose person has left the tenant, so that also an object at rest
 * closes them. One that does not answer is logged and told by the next sweep.
 */
export async function closeLostSockets(deps: LostSocketDeps): Promise<void> {
  const { db, log, now } = deps;
  for (const socket of await listLostSockets(db, now(), batch)) {
    const sessionKey = String(socket.sessionId);
    try {
      const reason = socket.isExpired ? "expired" : "forbidden";
      await closeSockets(deps, socket.object, { by: "sweep", sessionKey, reason });
      await forgetSocket(db, socket);
    } catch (error) {
      log("warn", "sockets not closed", { ...socket.object, detail: String(error) });
    }
  }
}

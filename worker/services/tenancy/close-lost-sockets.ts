import type { ServiceDeps } from "../../context.ts";
import { forgetSocket, listLostSockets } from "../../db/stores/open-socket.ts";
import { systemCaller } from "../../ports/run-host.ts";

export type LostSocketDeps = Pick<ServiceDeps, "db" | "log" | "now" | "runs">;

const batch = 200;

/**
 * Tells the runs of sockets whose session has expired or whose person has left the tenant, so that also a run at rest closes them. A
 * run that does not answer is logged and told by the next sweep.
 */
export async function closeLostSockets({ db, log, now, runs }: LostSocketDeps): Promise<void> {
  for (const socket of await listLostSockets(db, now(), batch)) {
    const sessionKey = String(socket.sessionId);
    const reason = socket.isExpired ? "expired" : "forbidden";
    try {
      await runs.command(socket.runId, systemCaller("sweep"), { kind: "close_sockets", sessionKey, reason });
      await forgetSocket(db, socket);
    } catch (error) {
      log("warn", "sockets not closed", { runId: String(socket.runId), detail: String(error) });
    }
  }
}

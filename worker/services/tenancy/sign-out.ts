import type { ServiceDeps } from "../../context.ts";
import { systemCaller } from "../../ports/run-host.ts";
import { runsWithSockets } from "../../db/stores/open-socket.ts";

/**
 * Signs out by `signOut` and closes the sockets that the session had opened. The runs
 * are looked up before, since the session's rows are deleted with it. A run that can't be reached is logged, and the sign-out still holds.
 */
export async function signOutEverywhere(
  deps: Pick<ServiceDeps, "db" | "identity" | "log" | "runs">,
  headers: Headers,
  signOut: () => Promise<Response>,
): Promise<Response> {
  const session = await deps.identity.getSession(headers);
  const runIds = session === undefined ? [] : await runsWithSockets(deps.db, session.sessionId);
  const response = await signOut();
  if (session === undefined || !response.ok) return response;
  await Promise.all(
    runIds.map(async (runId) => {
      try {
        const sessionKey = String(session.sessionId);
        await deps.runs.command(runId, systemCaller("sign-out"), {
          kind: "close_sockets",
          sessionKey,
          reason: "signed_out",
        });
      } catch (error) {
        deps.log("warn", "sockets not closed at sign-out", { runId: String(runId), detail: String(error) });
      }
    }),
  );
  return response;
}

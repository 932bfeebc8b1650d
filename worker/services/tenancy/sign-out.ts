import type { ServiceDeps } from "../../context.ts";
import { objectsWithSockets } from "../../db/stores/open-socket.ts";
import { closeSockets } from "./close-sockets.ts";

/**
 * Signs out by `signOut` and closes the sockets that the session had opened. The objects
 * are looked up before, since the session's rows are deleted with it. One that can't be reached is logged, and the sign-out still holds.
 */
export async function signOutEverywhere(
  deps: Pick<ServiceDeps, "boards" | "feeds" | "db" | "identity" | "log" | "runs">,
  headers: Headers,
  signOut: () => Promise<Response>,
): Promise<Response> {
  const session = await deps.identity.getSession(headers);
  const objects = session === undefined ? [] : await objectsWithSockets(deps.db, session.sessionId);
  const response = await signOut();
  if (session === undefined || !response.ok) return response;
  await Promise.all(
    objects.map(async (object) => {
      try {
        await closeSockets(deps, object, {
          by: "sign-out",
          sessionKey: String(session.sessionId),
          reason: "signed_out",
        });
      } catch (error) {
        deps.log("warn", "sockets not closed at sign-out", { ...object, detail: String(error) });
      }
    }),
  );
  return response;
}

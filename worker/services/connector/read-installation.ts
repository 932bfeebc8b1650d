import type { PersonScope, ServiceDeps } from "../../context.ts";
import type { VisibilityAnswer } from "../../db/stores/visibility.ts";
import { ServiceError } from "../../errors.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgeRepository } from "../../ports/forge.ts";

/**
 * The installation's repositories, and which of them this person can see at the forge now. An installation reaches more than each of its
 * people do, so its own list alone would hand them other people's private code. `forbidden` when the sign-in or the installation is not accepted.
 */
export async function readInstallation(
  deps: Pick<ServiceDeps, "forge" | "identity">,
  scope: Pick<PersonScope, "userId">,
  installationId: string,
): Promise<{ readonly listed: readonly ForgeRepository[]; readonly visibility: VisibilityAnswer }> {
  const externalIds = await asPerson(async () => deps.identity.listRepositoryIds(scope.userId, installationId));
  const listed = await deps.forge.listInstallationRepositories(installationId);
  return { listed, visibility: { reachesInstallation: true, externalIds } };
}

/** Does what is asked of the forge with a person's own token. `forbidden` with the way out when the forge takes it no more. */
export async function asPerson<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof PortError && error.code === "unauthorized")
      throw new ServiceError(
        "forbidden",
        "GitHub does not accept your sign-in any more. Sign out, sign in again and retry.",
      );
    if (error instanceof PortError && error.code === "not_found")
      throw new ServiceError(
        "forbidden",
        "Your GitHub account can't see this installation. Install the app first, or ask who did.",
      );
    throw error;
  }
}

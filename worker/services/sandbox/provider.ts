import type { SandboxDriver } from "../../../contracts/sandbox.ts";
import { sandboxLimits, sandboxProblem } from "../../../domain/sandbox/settings.ts";
import { PortError } from "../../ports/errors.ts";
import type { SandboxProvider } from "../../ports/sandbox-provider.ts";
import type { SandboxPort } from "../../ports/sandbox.ts";

/** A provider over the drivers that the deployment is configured for. */
export function createSandboxProvider(
  drivers: Readonly<Partial<Record<SandboxDriver, SandboxPort | undefined>>>,
): SandboxProvider {
  return {
    sandboxFor(settings) {
      const problem = sandboxProblem(settings);
      if (problem !== undefined) throw new PortError("sandbox", "permanent", problem.code, problem.message);
      const port = drivers[settings.driver];
      if (port === undefined) {
        const message = `This deployment is not configured for the sandbox driver «${settings.driver}».`;
        throw new PortError("sandbox", "permanent", "driver_not_configured", message);
      }
      return { port, limits: sandboxLimits[settings.size] };
    },
  };
}

import type { SandboxSettings } from "../../contracts/sandbox.ts";
import type { SandboxLimits } from "../../domain/sandbox/settings.ts";
import type { SandboxPort } from "./sandbox.ts";

/** The place where a project's sandboxes run, and the limits that each is opened with (`SandboxSpec`). */
export interface SandboxPlace {
  readonly port: SandboxPort;
  readonly limits: SandboxLimits;
}

/** Chooses the place of sandboxes by a project's settings. Requests nothing. */
export interface SandboxProvider {
  /**
   * Throws a permanent PortError: `unknown_driver`, `driver_not_configured` when the deployment has not what the driver needs,
   * `unsupported_setting` when the driver can't honour a setting.
   */
  sandboxFor(settings: SandboxSettings): SandboxPlace;
}

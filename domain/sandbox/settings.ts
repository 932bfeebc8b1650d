import type { SandboxDriver, SandboxSettings, SandboxSize } from "../../contracts/sandbox.ts";

/** The most that all processes of one sandbox may use together. */
export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Kernel tasks, so each thread counts. */
  readonly maxProcesses: number;
}

/** The limits of each size. */
export const sandboxLimits: Readonly<Record<SandboxSize, SandboxLimits>> = {
  small: { memoryBytes: 1_000_000_000, diskBytes: 2_000_000_000, maxProcesses: 256 },
  medium: { memoryBytes: 2_000_000_000, diskBytes: 4_000_000_000, maxProcesses: 512 },
  large: { memoryBytes: 4_000_000_000, diskBytes: 8_000_000_000, maxProcesses: 1024 },
};

/** Settings that a driver honours beside the size; null: this version has no such driver. */
const abilities: Readonly<Record<SandboxDriver, { readonly images: boolean; readonly egressList: boolean } | null>> = {
  host: { images: false, egressList: false },
  cloudflare: null,
};

export interface SandboxProblem {
  readonly code: "unknown_driver" | "unsupported_setting";
  /** The settings field. */
  readonly field: string;
  /** One sentence for a person. */
  readonly message: string;
}

/** The first setting that can't be honoured, or undefined. Settings are refused, never ignored. */
export function sandboxProblem(settings: SandboxSettings): SandboxProblem | undefined {
  const { driver, image, egress } = settings;
  const ability = Object.hasOwn(abilities, driver) ? abilities[driver] : null;
  if (ability === null)
    return { code: "unknown_driver", field: "driver", message: `This version has no sandbox driver «${driver}».` };
  if (image !== null && !ability.images)
    return {
      code: "unsupported_setting",
      field: "image",
      message: `The sandbox driver «${driver}» runs its own system and can't take an image.`,
    };
  if (egress.allow.length > 0 && !ability.egressList)
    return {
      code: "unsupported_setting",
      field: "egress.allow",
      message: `The sandbox driver «${driver}» gives no network at all and can't allow single hosts.`,
    };
  return undefined;
}

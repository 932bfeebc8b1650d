import * as z from "zod";

/** The kinds of places that can run sandboxes. A deployment has those that it is configured for. */
export const sandboxDrivers = ["host", "cloudflare"] as const;
export type SandboxDriver = (typeof sandboxDrivers)[number];

export const sandboxSizes = ["small", "medium", "large"] as const;
export type SandboxSize = (typeof sandboxSizes)[number];

const hostName = z
  .string()
  .max(253)
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, "must be a host name such as registry.npmjs.org");

/** The isolation of a project's runs. Each field has a default for projects that don't set it. */
export const sandboxSettingsSchema = z
  .strictObject({
    driver: z.enum(sandboxDrivers).default("host"),
    /** A container image; null: the driver's own. */
    image: z.string().min(1).max(500).nullable().default(null),
    size: z.enum(sandboxSizes).default("medium"),
    /** All connections out of the sandbox are refused, except those to the hosts that are listed. */
    egress: z
      .strictObject({ mode: z.literal("deny").default("deny"), allow: z.array(hostName).max(100).default([]) })
      .default({ mode: "deny", allow: [] }),
  })
  .meta({ id: "SandboxSettings" });
export type SandboxSettings = z.infer<typeof sandboxSettingsSchema>;

export const defaultSandboxSettings: SandboxSettings = sandboxSettingsSchema.parse({});

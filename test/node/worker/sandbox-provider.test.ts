import { describe, expect, it } from "vitest";
import { sandboxOpenRequest } from "../../../contracts/sandbox-host.ts";
import {
  defaultSandboxSettings,
  sandboxSettingsSchema,
  sandboxSizes,
  type SandboxSettings,
} from "../../../contracts/sandbox.ts";
import { createHostSandbox } from "../../../worker/adapters/host-sandbox/index.ts";
import { createSandboxProvider } from "../../../worker/services/sandbox/provider.ts";

const host = createHostSandbox({ url: "http://host.test", token: "a-token-for-tests-only" });
const provider = createSandboxProvider({ host });
const settings = (change: Partial<SandboxSettings>): SandboxSettings => ({ ...defaultSandboxSettings, ...change });

describe("the sandbox provider", () => {
  it("gives the host with the limits of the size, by default the medium one", () => {
    expect(provider.sandboxFor(defaultSandboxSettings)).toEqual({
      port: host,
      limits: { memoryBytes: 2_000_000_000, diskBytes: 4_000_000_000, maxProcesses: 512 },
    });
    const memory = sandboxSizes.map((size) => provider.sandboxFor(settings({ size })).limits.memoryBytes);
    expect(memory).toEqual(memory.toSorted((a, b) => a - b));
    expect(new Set(memory).size).toBe(sandboxSizes.length);
  });

  it("has limits that a host takes", () => {
    for (const size of sandboxSizes) {
      const { limits } = provider.sandboxFor(settings({ size }));
      expect(sandboxOpenRequest.safeParse({ env: {}, ...limits }).success, size).toBe(true);
    }
  });

  it.each([
    [
      "a driver that this version has not",
      { driver: "cloudflare" },
      "unknown_driver",
      /no sandbox driver «cloudflare»/,
    ],
    ["an image", { image: "node:24" }, "unsupported_setting", /can't take an image/],
    ["an allow-list", { egress: { mode: "deny", allow: ["registry.npmjs.org"] } }, "unsupported_setting", /no network/],
  ] as const)("refuses %s for good, with a reason", (_name, change, code, message) => {
    const ask = () => provider.sandboxFor(sandboxSettingsSchema.parse(change));
    expect(ask).toThrow(message);
    expect(ask).toThrow(expect.objectContaining({ name: "PortError", port: "sandbox", kind: "permanent", code }));
  });

  it("refuses a driver that the deployment is not configured for", () => {
    const ask = () => createSandboxProvider({ host: undefined }).sandboxFor(defaultSandboxSettings);
    expect(ask).toThrow(expect.objectContaining({ kind: "permanent", code: "driver_not_configured" }));
  });
});

describe("sandbox settings", () => {
  it("fill what is missing, as in rows of before a field was there", () => {
    expect(sandboxSettingsSchema.parse({})).toEqual({
      driver: "host",
      image: null,
      size: "medium",
      egress: { mode: "deny", allow: [] },
    });
    expect(sandboxSettingsSchema.parse({ size: "large", egress: {} })).toEqual(settings({ size: "large" }));
  });

  it.each([
    { driver: "docker" },
    { size: "huge" },
    { egress: { mode: "allow" } },
    { egress: { allow: ["*"] } },
    { egress: { allow: ["https://x.com"] } },
    { egress: { allow: ["10.0.0.1"] } },
    { image: "" },
    { network: true },
  ])("refuse %j", (value) => {
    expect(sandboxSettingsSchema.safeParse(value).success).toBe(false);
  });
});

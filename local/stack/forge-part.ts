import path from "node:path";
import { startForge, type Forge } from "../forge/index.ts";
import { createCiRunner } from "./ci-runner.ts";
import type { SandboxHost } from "../../sandbox-host/index.ts";
import type { StackSecrets } from "./secrets.ts";

/** The product's GitHub App as the local forge registers it. */
export const localApp = { id: "4711", slug: "assembly-lime", clientId: "Iv1.assemblylime0001" } as const;

/** Where the Worker takes GitHub's webhooks. */
export const webhookPath = "/api/webhooks/github";

/** Starts the local forge with the product's app registered and its continuous integration in the local sandbox. */
export function startLocalForge(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly secrets: StackSecrets;
  readonly workerUrl: string;
  readonly sandboxHost: SandboxHost;
}): Promise<Forge> {
  return startForge({
    port: options.port,
    dataDir: path.join(options.dataDir, "forge"),
    app: {
      ...localApp,
      clientSecret: options.secrets.githubClientSecret,
      webhookSecret: options.secrets.githubWebhookSecret,
      webhookUrl: `${options.workerUrl}${webhookPath}`,
      callbackUrls: [`${options.workerUrl}/api/auth`],
    },
    ci: createCiRunner(options.sandboxHost),
  });
}

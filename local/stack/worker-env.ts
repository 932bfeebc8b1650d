import type { Forge } from "../forge/index.ts";
import type { WorkerEnv } from "./env-file.ts";
import { localApp } from "./forge-part.ts";
import { operationsToken, type StackSecrets } from "./secrets.ts";
import type { StackSettings } from "./settings.ts";

/** The Worker's environment: the address of each part, the real one where it is set, else the local one. */
export function workerEnv(parts: {
  readonly settings: StackSettings;
  readonly secrets: StackSecrets;
  readonly url: string;
  readonly forge: Forge | undefined;
  readonly modelUrl: string | undefined;
  readonly sandboxHostUrl: string;
}): WorkerEnv {
  const { settings, secrets, forge, modelUrl } = parts;
  return {
    PUBLIC_URL: publicUrl(settings, parts.url),
    BETTER_AUTH_SECRET: secrets.betterAuthSecret,
    MASTER_KEY: secrets.masterKey,
    GITHUB_WEB_URL: settings.github?.webUrl ?? forge?.url ?? "",
    GITHUB_API_URL: settings.github?.apiUrl ?? forge?.apiUrl ?? "",
    GITHUB_APP_ID: settings.github?.appId ?? localApp.id,
    GITHUB_APP_PRIVATE_KEY: settings.github?.privateKeyPem ?? forge?.privateKeyPem ?? "",
    GITHUB_CLIENT_ID: settings.github?.clientId ?? localApp.clientId,
    GITHUB_CLIENT_SECRET: settings.github?.clientSecret ?? secrets.githubClientSecret,
    GITHUB_WEBHOOK_SECRET: settings.github?.webhookSecret ?? secrets.githubWebhookSecret,
    ANTHROPIC_API_KEY: settings.anthropic?.apiKey ?? secrets.modelKey,
    ANTHROPIC_BASE_URL: settings.anthropic?.baseUrl ?? modelUrl ?? "",
    OPENAI_API_KEY: settings.openai?.apiKey ?? secrets.modelKey,
    OPENAI_BASE_URL: settings.openai?.baseUrl ?? (modelUrl === undefined ? "" : `${modelUrl}/v1`),
    SANDBOX_HOST_URL: parts.sandboxHostUrl,
    SANDBOX_HOST_TOKEN: secrets.sandboxHostToken,
    OPERATIONS_TOKEN: operationsToken(secrets),
  };
}

/** The origin that browsers use: another than the local one only with the real GitHub, which can't reach this machine. */
export function publicUrl(settings: StackSettings, localUrl: string): string {
  return settings.github === undefined ? localUrl : (settings.publicUrl ?? localUrl);
}

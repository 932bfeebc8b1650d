import { chmodSync, writeFileSync } from "node:fs";

/** The variables that the Worker reads from its environment; all are text. */
export interface WorkerEnv {
  readonly PUBLIC_URL: string;
  readonly BETTER_AUTH_SECRET: string;
  readonly MASTER_KEY: string;
  readonly GITHUB_WEB_URL: string;
  readonly GITHUB_API_URL: string;
  readonly GITHUB_APP_ID: string;
  readonly GITHUB_APP_PRIVATE_KEY: string;
  readonly GITHUB_CLIENT_ID: string;
  readonly GITHUB_CLIENT_SECRET: string;
  readonly GITHUB_WEBHOOK_SECRET: string;
  readonly ANTHROPIC_API_KEY: string;
  readonly ANTHROPIC_BASE_URL: string;
  readonly OPENAI_API_KEY: string;
  readonly OPENAI_BASE_URL: string;
  readonly SANDBOX_HOST_URL: string;
  readonly SANDBOX_HOST_TOKEN: string;
  readonly OPERATIONS_TOKEN: string;
}

/** One value in the dotenv format, so that it is read back as it is. https://github.com/motdotla/dotenv#rules */
export function dotenvValue(value: string): string {
  // A dollar sign would be expanded. Quotes of one kind only are needed: keys, URLs and PEM hold none.
  const escaped = value.replaceAll("$", String.raw`\$`).replaceAll("\r", "");
  if (escaped.includes('"')) return `'${escaped}'`;
  return `"${escaped.replaceAll("\n", String.raw`\n`)}"`;
}

/** Writes the Worker's environment to a file that only its owner can read: secrets belong on no command line. */
export function writeEnvFile(file: string, env: WorkerEnv): void {
  const text = Object.entries(env)
    .map(([name, value]: [string, string]) => `${name}=${dotenvValue(value)}\n`)
    .join("");
  writeFileSync(file, text, { mode: 0o600 });
  chmodSync(file, 0o600);
}

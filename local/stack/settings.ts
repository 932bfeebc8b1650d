import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { StackError } from "./errors.ts";
import { projectRoot } from "./preflight.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A real GitHub App that takes the local forge's place. */
export interface GitHubAppSettings {
  readonly appId: string;
  readonly privateKeyPem: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookSecret: string;
  readonly webUrl: string;
  readonly apiUrl: string;
}

/** A real model vendor that takes the local model's place. */
export interface VendorSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
}

/** The settings from the environment. Parts that aren't set are served locally. */
export interface StackSettings {
  readonly port: number;
  readonly dataDir: string;
  readonly publicUrl: string | undefined;
  readonly github: GitHubAppSettings | undefined;
  readonly anthropic: VendorSettings | undefined;
  readonly openai: VendorSettings | undefined;
}

function read(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === "" ? undefined : value;
}

/** The folder that holds all local data: `ALIME_DATA_DIR`, or `.data` in the project. */
export function dataDirFrom(env: Env): string {
  return path.resolve(projectRoot, read(env, "ALIME_DATA_DIR") ?? ".data");
}

function portFrom(env: Env): number {
  const text = read(env, "PORT") ?? "8787";
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new StackError(`PORT must be a number from 0 to 65535, not "${text}".`);
  return port;
}

/** Reads a PEM private key in either form and gives it as PKCS#8, the one that the Worker's WebCrypto takes. */
function readPrivateKey(file: string): string {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch {
    throw new StackError(`GITHUB_APP_PRIVATE_KEY_FILE can't be read: ${file}`);
  }
  try {
    return createPrivateKey(pem).export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    throw new StackError(`GITHUB_APP_PRIVATE_KEY_FILE holds no private key in PEM: ${file}`);
  }
}

function githubFrom(env: Env): GitHubAppSettings | undefined {
  const appId = read(env, "GITHUB_APP_ID");
  if (appId === undefined) return undefined;
  const keyFile = read(env, "GITHUB_APP_PRIVATE_KEY_FILE");
  const clientId = read(env, "GITHUB_CLIENT_ID");
  const clientSecret = read(env, "GITHUB_CLIENT_SECRET");
  const webhookSecret = read(env, "GITHUB_WEBHOOK_SECRET");
  if (keyFile === undefined || clientId === undefined || clientSecret === undefined || webhookSecret === undefined) {
    const all = {
      GITHUB_APP_PRIVATE_KEY_FILE: keyFile,
      GITHUB_CLIENT_ID: clientId,
      GITHUB_CLIENT_SECRET: clientSecret,
      GITHUB_WEBHOOK_SECRET: webhookSecret,
    };
    const missing = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [name] : []));
    throw new StackError(`GITHUB_APP_ID is set, so these must be too: ${missing.join(", ")}`);
  }
  return {
    appId,
    privateKeyPem: readPrivateKey(path.resolve(keyFile)),
    clientId,
    clientSecret,
    webhookSecret,
    webUrl: read(env, "GITHUB_WEB_URL") ?? "https://github.com",
    apiUrl: read(env, "GITHUB_API_URL") ?? "https://api.github.com",
  };
}

function vendorFrom(env: Env, prefix: "ANTHROPIC" | "OPENAI", baseUrl: string): VendorSettings | undefined {
  const apiKey = read(env, `${prefix}_API_KEY`);
  return apiKey === undefined ? undefined : { apiKey, baseUrl: read(env, `${prefix}_BASE_URL`) ?? baseUrl };
}

/**
 * Reads a start's settings: PORT, ALIME_DATA_DIR, PUBLIC_URL, the GITHUB_ set, ANTHROPIC_API_KEY, OPENAI_API_KEY.
 * @throws StackError when one is wrong or a set is incomplete
 */
export function readSettings(env: Env): StackSettings {
  return {
    port: portFrom(env),
    dataDir: dataDirFrom(env),
    publicUrl: read(env, "PUBLIC_URL"),
    github: githubFrom(env),
    anthropic: vendorFrom(env, "ANTHROPIC", "https://api.anthropic.com"),
    openai: vendorFrom(env, "OPENAI", "https://api.openai.com/v1"),
  };
}
